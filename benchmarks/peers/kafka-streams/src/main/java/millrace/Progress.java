package millrace;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;

/** Counts records as they are processed; says when the warm-up and when all of it is done. */
final class Progress {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final long warmup;
  private final long end;
  private final CountDownLatch ended = new CountDownLatch(1);
  private long count;
  private long startNs;
  private long startCpuNs;
  private long endNs;
  private long endCpuNs;

  Progress(long warmup, long end) {
    this.warmup = warmup;
    this.end = end;
  }

  /** One more record; called by the stream thread alone. */
  void add() {
    count++;
    if (count == warmup) {
      say("{\"mark\":\"warm\"}");
      startCpuNs = cpuNs();
      startNs = System.nanoTime();
    } else if (count == end) {
      endNs = System.nanoTime();
      endCpuNs = cpuNs();
      say("{\"mark\":\"done\"}");
      ended.countDown();
    }
  }

  void awaitEnd() throws InterruptedException {
    ended.await();
  }

  void report() {
    report(end - warmup, endNs - startNs, endCpuNs - startCpuNs);
  }

  static void report(long records, long ns, long cpuNs) {
    say(
        String.format(
            Locale.ROOT,
            "{\"records\":%d,\"seconds\":%.6f,\"cpuSeconds\":%.6f}",
            records,
            ns / 1e9,
            cpuNs / 1e9));
  }

  static long cpuNs() {
    return SYSTEM.getProcessCpuTime();
  }

  static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
