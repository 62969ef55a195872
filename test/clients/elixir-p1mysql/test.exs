defmodule Check do
  def ok(name, right, why \\ "") do
    IO.puts(if right, do: "ok #{name}", else: "not ok #{name} # #{inspect(why)}")
  end

  def query(connection, sql), do: :p1_mysql_conn.fetch(connection, sql, self(), 30_000)

  def rows({:data, result}), do: result |> :p1_mysql.get_result_rows() |> Enum.map(fn row -> Enum.map(row, &text/1) end)

  # Texts come as lists of bytes, numbers as texts too.
  defp text(value) when is_list(value), do: :erlang.list_to_binary(value)
  defp text(value), do: to_string(value)

  def affected({:updated, result}), do: :p1_mysql.get_result_affected_rows(result)

  def refusal({:error, result}), do: result |> :p1_mysql.get_result_reason() |> to_string()
  def refusal(_), do: ""

  def quoted(text), do: "'" <> (text |> String.replace("\\", "\\\\") |> String.replace("'", "\\'")) <> "'"

  def connect(password) do
    env = fn name -> String.to_charlist(System.fetch_env!(name)) end
    silent = fn _, _, _ -> :ok end

    :p1_mysql_conn.start(env.("CQ_HOST"), List.to_integer(env.("CQ_PORT")), env.("CQ_USER"),
      String.to_charlist(password), env.("CQ_DB"), 5_000, silent)
  end

  def run do
    name = System.fetch_env!("CQ_TAG") <> "_elixir"
    id = System.fetch_env!("CQ_ID")
    count = String.to_integer(System.fetch_env!("CQ_N"))
    {:ok, comet} = connect(System.fetch_env!("CQ_PASS"))
    query(comet, "SET NAMES utf8mb4")
    query(comet, "INSERT INTO pipes_settings (name, length) VALUES ('#{name}', 10)")

    for variable <- ["CQ_TRICKY", "CQ_BIG"] do
      text = File.read!(System.fetch_env!(variable))
      inserted = query(comet, "INSERT INTO pipes_messages (name, event, message) VALUES ('#{name}', 'ev', #{quoted(text)})")
      ok("affected", affected(inserted) == 1, inserted)
      stored = query(comet, "SELECT message FROM pipes_messages WHERE name = '#{name}'")
      ok("round_trip", rows(stored) == [[text]])
      query(comet, "DELETE FROM pipes_messages WHERE name = '#{name}'")
    end

    sent = for i <- 1..count, do: query(comet, "INSERT INTO pipes_messages (name, event, message) VALUES ('#{name}', 'ev', 'm#{i}')")
    ok("many", Enum.all?(sent, &(affected(&1) == 1)))
    query(comet, "DELETE FROM pipes_settings WHERE name = '#{name}'")

    query(comet, "INSERT INTO users_auth (id, hash) VALUES (#{id}, 'one')")
    ok("row", rows(query(comet, "SELECT * FROM users_auth WHERE id = #{id}")) == [[id, "one"]])
    {:data, result} = query(comet, "SELECT * FROM users_auth WHERE id = #{id}")
    columns = for {table, column, _, _} <- :p1_mysql.get_result_field_info(result), do: {to_string(table), to_string(column)}
    ok("columns", columns == [{"users_auth", "id"}, {"users_auth", "hash"}], columns)
    ok("deleted", affected(query(comet, "DELETE FROM users_auth WHERE id = #{id}")) == 1)
    ok("no_rows", rows(query(comet, "SELECT * FROM users_auth WHERE id = #{id}")) == [])

    ok("err_table", refusal(query(comet, "SELECT * FROM no_such_table WHERE id = 1")) =~ "no_such_table")
    ok("err_syntax", refusal(query(comet, "SELEKT")) =~ "SELEKT")
    ok("usable", rows(query(comet, "SELECT 1")) == [["1"]])
    wrong = connect(System.fetch_env!("CQ_PASS") <> "x")
    ok("wrong_password", match?({:error, _}, wrong), wrong)
    IO.puts("done")
  end
end

Check.run()
System.halt(0)
