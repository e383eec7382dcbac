import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Peer WORKLOAD DIRECTORY: runs the events of DIRECTORY again and again in one JVM, each time in a new session, and prints a line of JSON
 * each time. The first ones are many times slower than the last, by which the JVM has compiled what it runs.
 */
public final class Peer {
    private static final int PASSES = 12;

    private Peer() {}

    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[1]);
        int[][] events = table(directory, "events");
        for (int pass = 1; pass <= PASSES; pass++) {
            System.gc();
            measure(arguments[0], directory, events);
        }
        System.exit(0); // Drools keeps threads
    }

    private static void measure(String name, Path directory, int[][] events) throws IOException {
        double before = process();
        Workload workload = workload(name, directory);
        double ready = process() - before;
        int known = workload.firings;
        before = process();
        double thread = thread();
        for (int[] event : events) {
            workload.step(event);
        }
        double inThread = thread() - thread;
        double inAll = process() - before;
        System.out.printf(
            "{\"us\": %f, \"us_all\": %f, \"ready_s\": %f, \"firings\": %d, \"left\": %d}%n",
            inThread / events.length * 1e6, inAll / events.length * 1e6, ready, workload.firings - known, workload.left());
    }

    private static Workload workload(String name, Path directory) throws IOException {
        return switch (name) {
            case "w1" -> new Thresholds(table(directory, "rules"));
            case "w2" -> new Join(table(directory, "machines"), table(directory, "policies"));
            case "w3" -> new Chain();
            case "w4" -> new Negation(table(directory, "machines"));
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** A line a row, numbers between blanks. */
    private static int[][] table(Path directory, String name) throws IOException {
        return Files.readAllLines(directory.resolve(name)).stream()
            .map(line -> java.util.Arrays.stream(line.split(" ")).mapToInt(Integer::parseInt).toArray())
            .toArray(int[][]::new);
    }

    /** CPU seconds of all threads, those of the compiler and the collector too. */
    private static double process() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9;
    }

    /** CPU seconds of this thread. */
    private static double thread() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e9;
    }
}
