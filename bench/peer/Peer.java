import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;

/**
 * The engine's job as a Kafka Streams application: read messages, try every rule, produce the
 * complaints with the rules that hit.
 *
 * <p>usage: Peer BROKERS APPLICATION INPUT OUTPUT RULES STATE_FOLDER; RULES holds a pattern a line.
 *
 * <p>Two threads, at least once, patterns compiled once, one JSON parser. Prints "messages complaints hits"
 * on standard output each 100 ms, so that whoever measures knows how far it is.
 */
public final class Peer {
    private static final int FLAGS =
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE | Pattern.UNICODE_CHARACTER_CLASS;
    private static final long REPORT_MS = 100;

    private final ObjectMapper json = new ObjectMapper();
    private final List<Pattern> rules = new ArrayList<>();
    private final LongAdder messages = new LongAdder();
    private final LongAdder complaints = new LongAdder();
    private final LongAdder hits = new LongAdder();

    private Peer(Path rulesFile) throws IOException {
        for (String line : Files.readAllLines(rulesFile)) {
            rules.add(Pattern.compile(line, FLAGS));
        }
    }

    /** The case as JSON, or null where no rule hits. */
    private String judge(String value) {
        messages.increment();
        try {
            JsonNode message = json.readTree(value);
            String text = message.path("text").asText("");
            ArrayNode fired = json.createArrayNode();
            for (int rule = 0; rule < rules.size(); rule++) {
                if (rules.get(rule).matcher(text).find()) {
                    fired.add(rule);
                }
            }
            if (fired.isEmpty()) {
                return null;
            }
            complaints.increment();
            hits.add(fired.size());
            ObjectNode complaint = json.createObjectNode();
            complaint.set("id", message.path("id"));
            complaint.set("customer", message.path("customer"));
            complaint.put("text", text);
            complaint.set("rules", fired);
            return json.writeValueAsString(complaint);
        } catch (JsonProcessingException broken) {
            return null;
        }
    }

    private Topology topology(String input, String output) {
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(input, Consumed.with(Serdes.ByteArray(), Serdes.String()))
                .mapValues(this::judge)
                .filter((key, complaint) -> complaint != null)
                .to(output, Produced.with(Serdes.ByteArray(), Serdes.String()));
        return builder.build();
    }

    private static Properties properties(String[] arguments) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, arguments[1]);
        properties.put(StreamsConfig.STATE_DIR_CONFIG, arguments[5]);
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
        properties.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
        return properties;
    }

    private void report() throws InterruptedException {
        while (true) {
            System.out.println(messages.sum() + " " + complaints.sum() + " " + hits.sum());
            System.out.flush();
            Thread.sleep(REPORT_MS);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Peer peer = new Peer(Path.of(arguments[4]));
        KafkaStreams streams =
                new KafkaStreams(peer.topology(arguments[2], arguments[3]), properties(arguments));
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
        peer.report();
    }
}
