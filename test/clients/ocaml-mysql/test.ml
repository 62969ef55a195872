let ok name right why =
  if right then Printf.printf "ok %s\n%!" name
  else Printf.printf "not ok %s # %s\n%!" name (String.map (function '\n' -> ' ' | c -> c) why)

let check name run = try run () with e -> ok name false (Printexc.to_string e)

let read variable =
  let file = open_in_bin (Sys.getenv variable) in
  let text = really_input_string file (in_channel_length file) in
  close_in file;
  text

let name = Sys.getenv "CQ_TAG" ^ "_ocaml"
let id = int_of_string (Sys.getenv "CQ_ID")

let connect password =
  Mysql.connect
    { Mysql.dbhost = Some (Sys.getenv "CQ_HOST");
      dbname = Some (Sys.getenv "CQ_DB");
      dbport = Some (int_of_string (Sys.getenv "CQ_PORT"));
      dbpwd = Some password;
      dbuser = Some (Sys.getenv "CQ_USER");
      dbsocket = None }

(* The sentence that the server refuses with. *)
let refusal run = try ignore (run ()); "" with Mysql.Error text -> text

let contains text part =
  let n = String.length part in
  let rec from i = i + n <= String.length text && (String.sub text i n = part || from (i + 1)) in
  from 0

let () =
  let connection = connect (Sys.getenv "CQ_PASS") in
  let exec format = Printf.ksprintf (Mysql.exec connection) format in
  let rows result = Mysql.map result ~f:(fun row -> Array.to_list (Array.map (Option.value ~default:"NULL") row)) in

  check "texts" (fun () ->
      ignore (exec "SET NAMES utf8mb4");
      ignore (exec "INSERT INTO pipes_settings (name, length) VALUES ('%s', 10)" name);
      let insert = Mysql.Prepared.create connection "INSERT INTO pipes_messages (name, event, message) VALUES (?, ?, ?)" in
      List.iter
        (fun text ->
          ignore (exec "INSERT INTO pipes_messages (name, event, message) VALUES ('%s', 'ev', '%s')" name
                    (Mysql.real_escape connection text));
          ok "affected" (Mysql.affected connection = 1L) "";
          ignore (Mysql.Prepared.execute insert [| name; "ev"; text |]);
          let stored = rows (exec "SELECT message FROM pipes_messages WHERE name = '%s'" name) in
          ok "round_trips" (stored = [ [ text ]; [ text ] ]) (string_of_int (List.length stored));
          ignore (exec "DELETE FROM pipes_messages WHERE name = '%s'" name))
        [ read "CQ_TRICKY"; read "CQ_BIG" ];
      Mysql.Prepared.close insert;
      for i = 1 to int_of_string (Sys.getenv "CQ_N") do
        ignore (exec "INSERT INTO pipes_messages (name, event, message) VALUES ('%s', 'ev', 'm%d')" name i)
      done;
      ok "many" true "";
      ignore (exec "DELETE FROM pipes_settings WHERE name = '%s'" name));

  check "users" (fun () ->
      ignore (exec "INSERT INTO users_auth (id, hash) VALUES (%d, 'one')" id);
      let result = exec "SELECT * FROM users_auth WHERE id = %d" id in
      ok "size" (Mysql.size result = 1L) "";
      ok "columns" (Option.map (Array.map (fun field -> field.Mysql.name)) (Mysql.fetch_fields result) = Some [| "id"; "hash" |]) "";
      ok "row" (rows result = [ [ string_of_int id; "one" ] ]) "";
      ignore (exec "DELETE FROM users_auth WHERE id = %d" id);
      ok "deleted" (Mysql.affected connection = 1L) "");

  check "errors" (fun () ->
      ok "err_table" (contains (refusal (fun () -> exec "SELECT * FROM no_such_table WHERE id = 1")) "no_such_table") "";
      ok "err_syntax" (contains (refusal (fun () -> exec "SELEKT")) "SELEKT") "";
      Mysql.ping connection;
      Mysql.select_db connection (Sys.getenv "CQ_DB");
      ok "usable" (rows (exec "SELECT 1") = [ [ "1" ] ]) "");

  check "change_user" (fun () ->
      Mysql.change_user connection
        { Mysql.defaults with dbuser = Some (Sys.getenv "CQ_USER"); dbpwd = Some (Sys.getenv "CQ_PASS"); dbname = Some (Sys.getenv "CQ_DB") };
      ok "change_user" (rows (exec "SELECT 1") = [ [ "1" ] ]) "");

  Mysql.disconnect connection;
  ok "wrong_password" (contains (refusal (fun () -> connect (Sys.getenv "CQ_PASS" ^ "x"))) "Access denied") "";
  print_endline "done"
