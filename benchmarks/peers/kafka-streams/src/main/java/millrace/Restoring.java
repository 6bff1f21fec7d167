package millrace;

import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;

/** How long the one store of a topology takes to be restored from its changelog. */
final class Restoring implements StateRestoreListener {
  private final CountDownLatch ended = new CountDownLatch(1);
  private long startNs;
  private long startCpuNs;
  private long endNs;
  private long endCpuNs;
  private long records;

  @Override
  public void onRestoreStart(TopicPartition partition, String store, long from, long to) {
    Progress.say("{\"mark\":\"warm\"}");
    startCpuNs = Progress.cpuNs();
    startNs = System.nanoTime();
  }

  @Override
  public void onBatchRestored(TopicPartition partition, String store, long last, long count) {}

  @Override
  public void onRestoreEnd(TopicPartition partition, String store, long total) {
    endNs = System.nanoTime();
    endCpuNs = Progress.cpuNs();
    records = total;
    Progress.say("{\"mark\":\"done\"}");
    ended.countDown();
  }

  void awaitEnd() throws InterruptedException {
    ended.await();
  }

  void report() {
    Progress.report(records, endNs - startNs, endCpuNs - startCpuNs);
  }
}
