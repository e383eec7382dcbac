import static org.drools.model.DSL.on;
import static org.drools.model.PatternDSL.betaIndexedBy;
import static org.drools.model.PatternDSL.declarationOf;
import static org.drools.model.PatternDSL.pattern;
import static org.drools.model.PatternDSL.rule;

import java.util.List;
import org.drools.model.Index.ConstraintType;
import org.drools.model.Variable;
import org.kie.api.runtime.KieSession;

/** W3: detection to fault, fault to recovery, outcome and retraction. */
final class Chain extends Workload {
    private final KieSession session;

    Chain() {
        Variable<Facts.Detection> detection = declarationOf(Facts.Detection.class);
        Variable<Facts.Fault> raised = declarationOf(Facts.Fault.class);
        Variable<Facts.Fault> cleared = declarationOf(Facts.Fault.class);
        Variable<Facts.Action> action = declarationOf(Facts.Action.class);
        session = session(List.of(
            rule("raise").build(pattern(detection), on(detection).execute((drools, found) -> {
                firings++;
                drools.insert(new Facts.Fault(found.number(), found.agent(), found.kind()));
                drools.delete(found);
            })),
            rule("act").build(pattern(raised), on(raised).execute((drools, fault) -> {
                firings++;
                drools.insert(new Facts.Action(fault.number()));
            })),
            rule("clear").build(
                pattern(action),
                pattern(cleared).expr("its action", action, (f, a) -> f.number() == a.number(),
                    betaIndexedBy(int.class, ConstraintType.EQUAL, 0, Facts.Fault::number, Facts.Action::number, int.class)),
                on(action, cleared).execute((drools, done, fault) -> {
                    firings++;
                    drools.delete(done);
                    drools.delete(fault);
                }))));
    }

    @Override
    void step(int[] event) {
        session.insert(new Facts.Detection(event[0], event[1], event[2]));
        session.fireAllRules();
    }

    @Override
    long left() {
        return session.getFactCount();
    }
}
