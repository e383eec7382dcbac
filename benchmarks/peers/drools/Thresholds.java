import static org.drools.model.PatternDSL.alphaIndexedBy;
import static org.drools.model.PatternDSL.declarationOf;
import static org.drools.model.PatternDSL.execute;
import static org.drools.model.PatternDSL.pattern;
import static org.drools.model.PatternDSL.reactOn;
import static org.drools.model.PatternDSL.rule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.drools.model.Index.ConstraintType;
import org.drools.model.PatternDSL.PatternDef;
import org.drools.model.Rule;
import org.drools.model.Variable;
import org.kie.api.runtime.KieSession;
import org.kie.api.runtime.rule.FactHandle;

/** W1: "metric M of agent A above T", crossed upwards; a new value replaces the former one. */
final class Thresholds extends Workload {
    private final KieSession session;
    private final Map<Integer, FactHandle> samples = new HashMap<>();

    Thresholds(int[][] limits) {
        List<Rule> rules = new ArrayList<>();
        for (int[] limit : limits) {
            rules.add(above(rules.size(), limit[0], limit[1], limit[2]));
        }
        session = session(rules);
    }

    private Rule above(int number, int agent, int metric, int limit) {
        Variable<Facts.Sample> sample = declarationOf(Facts.Sample.class);
        PatternDef<Facts.Sample> crossed = pattern(sample)
            .expr("agent " + agent, (Facts.Sample s) -> s.agent() == agent,
                alphaIndexedBy(int.class, ConstraintType.EQUAL, 0, (Facts.Sample s) -> s.agent(), agent), reactOn("agent"))
            .expr("metric " + metric, (Facts.Sample s) -> s.metric() == metric,
                alphaIndexedBy(int.class, ConstraintType.EQUAL, 1, (Facts.Sample s) -> s.metric(), metric), reactOn("metric"))
            .expr("above " + limit, (Facts.Sample s) -> s.value() > limit,
                alphaIndexedBy(int.class, ConstraintType.GREATER_THAN, 2, (Facts.Sample s) -> s.value(), limit), reactOn("value"))
            .expr("former " + limit, (Facts.Sample s) -> s.former() <= limit,
                alphaIndexedBy(int.class, ConstraintType.LESS_OR_EQUAL, 3, (Facts.Sample s) -> s.former(), limit), reactOn("former"));
        return rule("r" + number).build(crossed, execute(() -> firings++));
    }

    @Override
    void step(int[] event) {
        int series = event[0] * 2 + event[1];
        FactHandle former = samples.get(series);
        if (former != null) {
            session.delete(former);
        }
        samples.put(series, session.insert(new Facts.Sample(event[0], event[1], event[2], event[3])));
        session.fireAllRules();
    }
}
