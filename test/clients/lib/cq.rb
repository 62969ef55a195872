require 'digest'
$stdout.sync = true
Encoding.default_external = Encoding::UTF_8
H, U, W, DB, TAG = ENV.values_at('CQ_HOST', 'CQ_USER', 'CQ_PASS', 'CQ_DB', 'CQ_TAG')

P = ENV['CQ_PORT'].to_i
ID = ENV['CQ_ID'].to_i
N = ENV['CQ_N'].to_i
T, C, BIG = %w(CQ_TRICKY CQ_CTRL CQ_BIG).map { |k| File.binread(ENV[k]).force_encoding('UTF-8') }
def ok(n, c, d = '') puts(c ? "ok #{n}" : "not ok #{n} # #{d.to_s.gsub("\n", ' ')[0, 250]}")
                     c end

def skip(n, d) puts "skip #{n} # #{d}" end
def eq(n, w, g) ok(n, w == g, "want #{w.inspect[0, 90]} got #{g.inspect[0, 120]}") end
def tr(n) yield; rescue Exception => e; ok(n, false, "#{e.class} #{e.message}") end

def code(n, c, env) x = ENV[env].to_s
                    ok(n, c.is_a?(Integer) && c > 0 && (x == '' || x.to_i == c),
                       "code=#{c.inspect} expected #{x == '' ? 'non-zero' : x}") end

def md5(s) Digest::MD5.hexdigest(s.to_s) end
