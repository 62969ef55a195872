{-# LANGUAGE ForeignFunctionInterface, OverloadedStrings #-}
-- Debian has no MySQL library for Haskell: this is libmariadb, called as such a library would call it.
module Main (main) where

import Control.Monad (forM, forM_)
import qualified Data.ByteString as B
import qualified Data.ByteString.Char8 as C
import qualified Data.ByteString.Internal as BI
import Data.Either (isRight)
import Data.Maybe (fromMaybe)
import Foreign
import Foreign.C
import System.Environment (lookupEnv)
import System.IO

type Connection = Ptr ()
type Result = Ptr ()
type Rows = Either CUInt [[B.ByteString]]

foreign import ccall "mysql_init" mysqlInit :: Connection -> IO Connection
foreign import ccall "mysql_options" mysqlOptions :: Connection -> CInt -> CString -> IO CInt
foreign import ccall "mysql_real_connect" mysqlConnect
  :: Connection -> CString -> CString -> CString -> CString -> CUInt -> CString -> CULong -> IO Connection
foreign import ccall "mysql_errno" mysqlErrno :: Connection -> IO CUInt
foreign import ccall "mysql_real_query" mysqlQuery :: Connection -> CString -> CULong -> IO CInt
foreign import ccall "mysql_store_result" mysqlStoreResult :: Connection -> IO Result
foreign import ccall "mysql_num_fields" mysqlNumFields :: Result -> IO CUInt
foreign import ccall "mysql_fetch_row" mysqlFetchRow :: Result -> IO (Ptr CString)
foreign import ccall "mysql_fetch_lengths" mysqlFetchLengths :: Result -> IO (Ptr CULong)
foreign import ccall "mysql_free_result" mysqlFreeResult :: Result -> IO ()
foreign import ccall "mysql_affected_rows" mysqlAffectedRows :: Connection -> IO Word64
foreign import ccall "mysql_real_escape_string" mysqlEscape :: Connection -> Ptr Word8 -> CString -> CULong -> IO CULong
foreign import ccall "mysql_ping" mysqlPing :: Connection -> IO CInt
foreign import ccall "mysql_close" mysqlClose :: Connection -> IO ()

env :: String -> IO String
env name = fromMaybe "" <$> lookupEnv name

ok :: String -> Bool -> String -> IO ()
ok name right why = do
  putStrLn (if right then "ok " ++ name else "not ok " ++ name ++ " # " ++ map oneLine (take 250 why))
  hFlush stdout
  where oneLine c = if c == '\n' then ' ' else c

code :: String -> CUInt -> String -> IO ()
code name number variable = do
  expected <- env variable
  ok name (show number == expected) (show number ++ ", expected " ++ expected)

connect :: String -> IO (Either CUInt Connection)
connect password = do
  connection <- mysqlInit nullPtr
  _ <- withCString "utf8mb4" (mysqlOptions connection 7)
  [host, user, database, port] <- mapM env ["CQ_HOST", "CQ_USER", "CQ_DB", "CQ_PORT"]
  opened <- withCString host $ \h -> withCString user $ \u -> withCString password $ \p ->
    withCString database $ \d -> mysqlConnect connection h u p d (read port) nullPtr 0
  if opened == nullPtr then Left <$> mysqlErrno connection else return (Right connection)

query :: Connection -> [B.ByteString] -> IO Rows
query connection parts = C.useAsCStringLen (B.concat parts) $ \(text, size) -> do
  failed <- mysqlQuery connection text (fromIntegral size)
  if failed /= 0 then Left <$> mysqlErrno connection else do
    result <- mysqlStoreResult connection
    if result == nullPtr then return (Right []) else do
      rows <- fetchAll result
      mysqlFreeResult result
      return (Right rows)

fetchAll :: Result -> IO [[B.ByteString]]
fetchAll result = do
  count <- fromIntegral <$> mysqlNumFields result
  let next = do
        row <- mysqlFetchRow result
        if row == nullPtr then return [] else do
          lengths <- mysqlFetchLengths result
          values <- forM [0 .. count - 1] $ \i -> do
            value <- peekElemOff row i
            size <- peekElemOff lengths i
            B.packCStringLen (value, fromIntegral size)
          (values :) <$> next
  next

escape :: Connection -> B.ByteString -> IO B.ByteString
escape connection value = C.useAsCStringLen value $ \(text, size) ->
  BI.createAndTrim (2 * size + 1) (\out -> fromIntegral <$> mysqlEscape connection out text (fromIntegral size))

errorOf :: Either CUInt a -> CUInt
errorOf = either id (const 0)

roundTrip :: Connection -> String -> B.ByteString -> B.ByteString -> IO ()
roundTrip connection check name text = do
  _ <- query connection ["INSERT INTO pipes_settings (name, length) VALUES ('", name, "', 10)"]
  escaped <- escape connection text
  inserted <- query connection ["INSERT INTO pipes_messages (name, event, message) VALUES ('", name, "', 'ev', '", escaped, "')"]
  affected <- mysqlAffectedRows connection
  ok (check ++ "_affected") (isRight inserted && affected == 1) (show inserted)
  stored <- query connection ["SELECT message FROM pipes_messages WHERE name = '", name, "'"]
  ok check (stored == Right [[text]]) "differs"
  _ <- query connection ["DELETE FROM pipes_messages WHERE name = '", name, "'"]
  _ <- query connection ["DELETE FROM pipes_settings WHERE name = '", name, "'"]
  return ()

checks :: Connection -> IO ()
checks connection = do
  [tag, user, count] <- mapM (fmap C.pack . env) ["CQ_TAG", "CQ_ID", "CQ_N"]
  forM_ [("rt_escaped", "_e", "CQ_TRICKY"), ("big_rt", "_b", "CQ_BIG")] $ \(check, suffix, variable) ->
    env variable >>= B.readFile >>= roundTrip connection check (B.append tag suffix)
  inserted <- query connection ["INSERT INTO users_auth (id, hash) VALUES (", user, ", 'h')"]
  ok "auth_ins" (inserted == Right []) (show inserted)
  rows <- query connection ["SELECT * FROM users_auth WHERE id = ", user]
  ok "auth_sel" (rows == Right [[user, "h"]]) (show rows)
  times <- query connection ["select * from users_time where id in (2,3,145)"]
  ok "time_in" (fmap length times == Right 3) (show times)
  pipes <- query connection ["select * from pipes where name in ('a','b')"]
  ok "pipes_in" (isRight pipes) (show pipes)
  noTable <- query connection ["SELECT * FROM no_such_table"]
  code "err_table" (errorOf noTable) "EXPECT_NOTABLE"
  noSyntax <- query connection ["SELEKT x"]
  code "err_syntax" (errorOf noSyntax) "EXPECT_SYNTAX"
  usable <- query connection ["SELECT * FROM users_auth WHERE id = ", user]
  ok "err_usable" (fmap length usable == Right 1) (show usable)
  pinged <- mysqlPing connection
  ok "ping" (pinged == 0) ""
  sent <- forM [1 .. read (C.unpack count) :: Int] $ \i ->
    query connection ["INSERT INTO pipes_messages (name, event, message) VALUES ('", tag, "_m', 'ev', 'm", C.pack (show i), "')"]
  ok "many" (all (== Right []) sent) ""
  _ <- query connection ["DELETE FROM users_auth WHERE id = ", user]
  affected <- mysqlAffectedRows connection
  ok "del_affected" (affected == 1) (show affected)

main :: IO ()
main = do
  password <- env "CQ_PASS"
  connect password >>= either (ok "connect" False . show) (\connection -> ok "connect" True "" >> checks connection >> mysqlClose connection)
  refused <- connect (password ++ "x")
  code "wrong_password" (errorOf refused) "EXPECT_AUTH"
  putStrLn "done"
