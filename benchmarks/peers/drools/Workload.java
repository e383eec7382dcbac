import java.util.List;
import org.drools.model.Rule;
import org.drools.model.impl.ModelImpl;
import org.drools.modelcompiler.KieBaseBuilder;
import org.kie.api.runtime.KieSession;

/** An engine made ready, and the events that it is given one by one. */
abstract class Workload {
    int firings;

    abstract void step(int[] event);

    /** Facts that should have been retracted by the end. */
    long left() {
        return 0;
    }

    /** The executable model, Drools' quickest way in: no text, no JSON. */
    static KieSession session(List<Rule> rules) {
        ModelImpl model = new ModelImpl();
        rules.forEach(model::addRule);
        return KieBaseBuilder.createKieBaseFromModel(model).newKieSession();
    }
}
