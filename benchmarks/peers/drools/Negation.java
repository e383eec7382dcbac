import static org.drools.model.PatternDSL.betaIndexedBy;
import static org.drools.model.PatternDSL.declarationOf;
import static org.drools.model.PatternDSL.execute;
import static org.drools.model.PatternDSL.not;
import static org.drools.model.PatternDSL.pattern;
import static org.drools.model.PatternDSL.rule;

import java.util.List;
import org.drools.model.Index.ConstraintType;
import org.drools.model.Variable;
import org.kie.api.runtime.KieSession;
import org.kie.api.runtime.rule.FactHandle;

/** W4: a machine without a heartbeat. */
final class Negation extends Workload {
    private final KieSession session;
    private final FactHandle[] heartbeats;

    Negation(int[][] machines) {
        Variable<Facts.Machine> machine = declarationOf(Facts.Machine.class);
        Variable<Facts.Heartbeat> heartbeat = declarationOf(Facts.Heartbeat.class);
        session = session(List.of(rule("silent").build(
            pattern(machine),
            not(pattern(heartbeat).expr("its heartbeat", machine, (h, m) -> h.machine() == m.number(),
                betaIndexedBy(int.class, ConstraintType.EQUAL, 0, Facts.Heartbeat::machine, Facts.Machine::number, int.class))),
            execute(() -> firings++))));
        heartbeats = new FactHandle[machines.length];
        for (int[] one : machines) {
            heartbeats[one[0]] = session.insert(new Facts.Heartbeat(one[0]));
        }
        for (int[] one : machines) {
            session.insert(new Facts.Machine(one[0], 0));
        }
        session.fireAllRules();
    }

    @Override
    void step(int[] event) {
        if (event[1] == 1) {
            heartbeats[event[0]] = session.insert(new Facts.Heartbeat(event[0]));
        } else {
            session.delete(heartbeats[event[0]]);
        }
        session.fireAllRules();
    }
}
