import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.avro.Conversions;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericEnumSymbol;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/**
 * As oracle.py, with Java's Avro. Every other record is written again in blocks that say their
 * size.
 */
public class Oracle {
  static final ObjectMapper JSON = new ObjectMapper();
  static final HexFormat HEX = HexFormat.of();
  static final GenericData DATA = new GenericData();

  static {
    DATA.addLogicalTypeConversion(new Conversions.DecimalConversion());
    DATA.addLogicalTypeConversion(new TimeConversions.DateConversion());
    DATA.addLogicalTypeConversion(new TimeConversions.TimeMillisConversion());
    DATA.addLogicalTypeConversion(new TimeConversions.TimeMicrosConversion());
    DATA.addLogicalTypeConversion(new TimeConversions.TimestampMillisConversion());
    DATA.addLogicalTypeConversion(new TimeConversions.TimestampMicrosConversion());
    DATA.addLogicalTypeConversion(new TimeConversions.LocalTimestampMillisConversion());
    DATA.addLogicalTypeConversion(new TimeConversions.LocalTimestampMicrosConversion());
  }

  public static void main(String[] args) throws Exception {
    try (BufferedReader cases = Files.newBufferedReader(Path.of(args[0]));
        BufferedWriter answers = Files.newBufferedWriter(Path.of(args[1]))) {
      for (String line = cases.readLine(); line != null; line = cases.readLine()) {
        answers.write(JSON.writeValueAsString(answer(JSON.readTree(line))));
        answers.newLine();
      }
    }
  }

  static ObjectNode answer(JsonNode given) {
    Schema writer = new Schema.Parser().parse(given.get("w").toString());
    Schema reader = null;
    try {
      reader = new Schema.Parser().parse(given.get("r").toString());
    } catch (Exception ignored) {
    }
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode w = answer.putArray("w"), r = answer.putArray("r"), b = answer.putArray("b");
    for (JsonNode hex : given.get("h")) {
      byte[] data = HEX.parseHex(hex.asText());
      Schema as = reader;
      boolean isBlocked = w.size() % 2 == 1;
      w.add(outcome(() -> told(read(data, writer, writer))));
      r.add(outcome(() -> told(read(data, writer, as))));
      b.add(outcome(() -> JSON.getNodeFactory().textNode(again(data, writer, isBlocked))));
    }
    return answer;
  }

  interface Make {
    JsonNode make() throws Exception;
  }

  static ObjectNode outcome(Make make) {
    ObjectNode outcome = JSON.createObjectNode();
    try {
      outcome.set("v", make.make());
    } catch (Exception | StackOverflowError error) {
      String text = error.getClass().getSimpleName() + ": " + error.getMessage();
      outcome.put("e", text.substring(0, Math.min(200, text.length())));
    }
    return outcome;
  }

  static Object read(byte[] data, Schema writer, Schema reader) throws Exception {
    BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(data, null);
    Object value = new GenericDatumReader<>(writer, reader, DATA).read(null, decoder);
    if (!decoder.isEnd()) throw new IllegalStateException("bytes are left");
    return value;
  }

  static String again(byte[] data, Schema writer, boolean isBlocked)
      throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    EncoderFactory encoders = EncoderFactory.get();
    BinaryEncoder encoder =
        isBlocked
            ? encoders.blockingBinaryEncoder(bytes, null)
            : encoders.binaryEncoder(bytes, null);
    new GenericDatumWriter<>(writer, DATA).write(read(data, writer, writer), encoder);
    encoder.flush();
    return HEX.formatHex(bytes.toByteArray());
  }

  static JsonNode told(Object value) {
    if (value == null) return JSON.getNodeFactory().nullNode();
    if (value instanceof Boolean) return JSON.getNodeFactory().booleanNode((Boolean) value);
    if (value instanceof Integer || value instanceof Long) return kind("i", value.toString());
    if (value instanceof Float || value instanceof Double) {
      double number = ((Number) value).doubleValue();
      if (Double.isNaN(number)) return kind("d", "nan");
      return kind("d", HEX.toHexDigits(Double.doubleToLongBits(number)));
    }
    if (value instanceof CharSequence || value instanceof GenericEnumSymbol) {
      return kind("s", value.toString());
    }
    if (value instanceof BigDecimal) return kind("s", ((BigDecimal) value).toPlainString());
    if (value instanceof LocalDate) {
      return kind("i", Long.toString(((LocalDate) value).toEpochDay()));
    }
    if (value instanceof LocalTime) return micros(LocalDate.EPOCH.atTime((LocalTime) value));
    if (value instanceof LocalDateTime) return micros((LocalDateTime) value);
    if (value instanceof Instant) {
      return micros(LocalDateTime.ofInstant((Instant) value, ZoneOffset.UTC));
    }
    if (value instanceof ByteBuffer) {
      ByteBuffer buffer = ((ByteBuffer) value).duplicate();
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      return kind("b", HEX.formatHex(bytes));
    }
    if (value instanceof GenericFixed) return kind("b", HEX.formatHex(((GenericFixed) value).bytes()));
    if (value instanceof Collection) {
      ArrayNode list = JSON.createArrayNode();
      for (Object item : (Collection<?>) value) list.add(told(item));
      return list;
    }
    List<Map.Entry<String, JsonNode>> entries = new ArrayList<>();
    if (value instanceof IndexedRecord) {
      IndexedRecord record = (IndexedRecord) value;
      for (Schema.Field field : record.getSchema().getFields()) {
        entries.add(Map.entry(field.name(), told(record.get(field.pos()))));
      }
    } else {
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
        entries.add(Map.entry(entry.getKey().toString(), told(entry.getValue())));
      }
    }
    entries.sort((x, y) -> Arrays.compareUnsigned(utf8(x.getKey()), utf8(y.getKey())));
    ObjectNode map = JSON.createObjectNode();
    ArrayNode list = map.putArray("m");
    for (Map.Entry<String, JsonNode> entry : entries) {
      list.addArray().add(entry.getKey()).add(entry.getValue());
    }
    return map;
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static ObjectNode micros(LocalDateTime time) {
    LocalDateTime epoch = LocalDate.EPOCH.atStartOfDay();
    return kind("us", Long.toString(ChronoUnit.MICROS.between(epoch, time)));
  }

  static ObjectNode kind(String kind, String text) {
    return JSON.createObjectNode().put(kind, text);
  }
}
