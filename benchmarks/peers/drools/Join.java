import static org.drools.model.PatternDSL.alphaIndexedBy;
import static org.drools.model.PatternDSL.betaIndexedBy;
import static org.drools.model.PatternDSL.declarationOf;
import static org.drools.model.PatternDSL.execute;
import static org.drools.model.PatternDSL.pattern;
import static org.drools.model.PatternDSL.rule;

import java.util.List;
import org.drools.model.Index.ConstraintType;
import org.drools.model.Variable;
import org.kie.api.runtime.KieSession;

/** W2: an incident at a machine whose tier has a policy for its kind. */
final class Join extends Workload {
    private final KieSession session;

    Join(int[][] machines, int[][] policies) {
        Variable<Facts.Incident> incident = declarationOf(Facts.Incident.class);
        Variable<Facts.Machine> machine = declarationOf(Facts.Machine.class);
        Variable<Facts.Policy> policy = declarationOf(Facts.Policy.class);
        session = session(List.of(rule("entitled").build(
            pattern(incident),
            pattern(machine).expr("its machine", incident, (m, i) -> m.number() == i.machine(),
                betaIndexedBy(int.class, ConstraintType.EQUAL, 0, Facts.Machine::number, Facts.Incident::machine, int.class)),
            pattern(policy)
                .expr("enabled", (Facts.Policy p) -> p.enabled() == 1,
                    alphaIndexedBy(int.class, ConstraintType.EQUAL, 0, (Facts.Policy p) -> p.enabled(), 1))
                .expr("of its tier", machine, (p, m) -> p.tier() == m.tier(),
                    betaIndexedBy(int.class, ConstraintType.EQUAL, 1, Facts.Policy::tier, Facts.Machine::tier, int.class))
                .expr("for its kind", incident, (p, i) -> p.kind() == i.kind(),
                    betaIndexedBy(int.class, ConstraintType.EQUAL, 2, Facts.Policy::kind, Facts.Incident::kind, int.class)),
            execute(() -> firings++))));
        for (int[] one : machines) {
            session.insert(new Facts.Machine(one[0], one[1]));
        }
        for (int[] one : policies) {
            session.insert(new Facts.Policy(one[1], one[2], one[3]));
        }
        session.fireAllRules();
    }

    @Override
    void step(int[] event) {
        session.insert(new Facts.Incident(event[0], event[1], event[2]));
        session.fireAllRules();
    }
}
