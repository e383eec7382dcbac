/** What the rules are about; the fields are what every engine gets (benchmarks/workloads.py). */
final class Facts {
    private Facts() {}

    record Sample(int agent, int metric, int value, int former) {}

    record Machine(int number, int tier) {}

    record Policy(int tier, int kind, int enabled) {}

    record Incident(int number, int machine, int kind) {}

    record Detection(int number, int agent, int kind) {}

    record Fault(int number, int agent, int kind) {}

    record Action(int number) {}

    record Heartbeat(int machine) {}
}
