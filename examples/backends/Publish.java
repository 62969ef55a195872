// Publishes a message into the pipe "chat" and tells who is there.
// Run: java -cp /usr/share/java/mariadb-java-client.jar examples/backends/Publish.java
// COMET_PASSWORD is that of the server; the driver is also Debian's package libmariadb-java.
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

public class Publish {
    public static void main(String[] arguments) throws SQLException {
        String server = env("COMETQL_HOST", "127.0.0.1") + ":" + env("COMETQL_PORT", "3307");
        String url = "jdbc:mariadb://" + server + "/CometQL_v1";
        try (Connection comet = DriverManager.getConnection(url, "root", env("COMET_PASSWORD", ""))) {
            publish(comet, "chat", "message", "hello from Java, it's easy");
            printPresent(comet, "chat");
        }
    }

    private static void publish(Connection comet, String pipe, String event, String message) throws SQLException {
        String sql = "INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)";
        try (PreparedStatement statement = comet.prepareStatement(sql)) {
            statement.setString(1, pipe);
            statement.setString(2, event);
            statement.setString(3, message);
            statement.executeUpdate();
        }
    }

    private static void printPresent(Connection comet, String pipe) throws SQLException {
        String sql = "SELECT user_id, user_agent FROM users_in_pipes WHERE name = ?";
        try (PreparedStatement statement = comet.prepareStatement(sql)) {
            statement.setString(1, pipe);
            ResultSet sessions = statement.executeQuery();
            int count = 0;
            StringBuilder lines = new StringBuilder();
            for (; sessions.next(); count++) {
                long user = sessions.getLong("user_id");
                lines.append(user > 0 ? "user " + user : "a visitor").append(", ");
                lines.append(sessions.getString("user_agent")).append("\n");
            }
            System.out.print(count + " online\n" + lines);
        }
    }

    private static String env(String name, String otherwise) {
        return System.getenv().getOrDefault(name, otherwise);
    }
}
