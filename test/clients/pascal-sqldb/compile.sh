# SQLdb loads libmysqlclient.so at run time; it gets libmariadb under that name.
set -e
for name in libmysqlclient.so libmysqlclient.so.20 libmysqlclient.so.21 libmariadb.so; do
  ln -sfn /usr/lib/x86_64-linux-gnu/libmariadb.so.3 "$CQ_BUILD/$name"
done
fpc -v0 "-FE$CQ_BUILD" "-FU$CQ_BUILD" -opascal-sqldb test.pas
