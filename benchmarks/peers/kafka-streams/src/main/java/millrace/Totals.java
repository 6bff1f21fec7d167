package millrace;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.ByteUtils;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.kstream.Windowed;

/** Count and sum of a group in a window; 16 bytes in state, if nothing else is asked for. */
record Totals(long count, double sum) {
  static final Totals NONE = new Totals(0, 0);

  static final Serde<Totals> SERDE =
      Serdes.serdeFrom(
          (topic, totals) ->
              totals == null
                  ? null
                  : ByteBuffer.allocate(16).putLong(totals.count).putDouble(totals.sum).array(),
          (topic, bytes) -> {
            if (bytes == null) return null;
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            return new Totals(buffer.getLong(), buffer.getDouble());
          });

  /** Count and sum of whole numbers as varints, with zeros behind them up to so many bytes. */
  static Serde<Totals> ofSize(int bytes) {
    return Serdes.serdeFrom(
        (topic, totals) -> {
          if (totals == null) return null;
          ByteBuffer buffer = ByteBuffer.allocate(bytes);
          ByteUtils.writeVarlong(totals.count, buffer);
          ByteUtils.writeVarlong((long) totals.sum, buffer);
          return buffer.array();
        },
        (topic, stored) -> {
          if (stored == null) return null;
          ByteBuffer buffer = ByteBuffer.wrap(stored);
          return new Totals(ByteUtils.readVarlong(buffer), ByteUtils.readVarlong(buffer));
        });
  }

  Totals add(double amount) {
    return new Totals(count + 1, sum + amount);
  }

  /** The result as it is written. */
  byte[] row(String column, Windowed<Bytes> window) {
    String group = new String(window.key().get(), StandardCharsets.UTF_8);
    String row =
        new StringBuilder(160)
            .append("{\"").append(column).append("\":\"").append(group)
            .append("\",\"window_start\":").append(window.window().start())
            .append(",\"window_end\":").append(window.window().end())
            .append(",\"n\":").append(count)
            .append(",\"total\":").append(sum)
            .append(",\"average\":").append(sum / count)
            .append('}')
            .toString();
    return row.getBytes(StandardCharsets.UTF_8);
  }
}
