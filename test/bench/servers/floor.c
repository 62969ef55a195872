// The least that a push server can do: takes WebSocket connections (with the one key that the load process sends), then
// writes messages to all of them, one write per subscriber and burst. Built by servers/floor.ts.
//
//   floor                       prints "listening PORT"
//   stdin "BURST MS RATE PIPES" publishes for MS milliseconds, RATE messages a second or (0) bursts as fast as it can, to
//                               PIPES pipes in turn, which have an equal share of the connections each; then prints
//                               "published MESSAGES STARTED_AT" (microseconds)
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { maxClients = 19900, maxBurst = 200, maxFrame = 256 };

static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             "Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n\r\n";
static int clients[maxClients];
static int count;
static char frames[maxBurst * maxFrame];

static long long microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static int listen_anywhere(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 4096) != 0) return -1;
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("listening %d\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

static void accept_one(int listener) {
  char request[4096];
  int one = 1, client = accept(listener, NULL, NULL);
  if (client < 0 || count == maxClients) return;
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (read(client, request, sizeof request) > 0 && write(client, answer, sizeof answer - 1) > 0) clients[count++] = client;
}

// A text frame with the same JSON that all servers of the benchmark publish; returns its length.
static int put_frame(char *frame, long long number, long long due) {
  static char filling[79];
  memset(filling, 'x', 78);
  int length = sprintf(frame + 4,
                       "{\"data\":{\"n\":\"%09lld\",\"t\":\"%016lld\",\"text\":\"%s\"},\"pipe\":\"bench0\",\"event\":\"\","
                       "\"user_id\":0,\"message_send_time\":1700000000}",
                       number, due, filling);
  frame[0] = (char)0x81;
  frame[1] = 126;
  frame[2] = (char)(length >> 8);
  frame[3] = (char)length;
  return length + 4;
}

static void write_all(int client, const char *bytes, int length) {
  while (length > 0) {
    ssize_t written = send(client, bytes, length, MSG_NOSIGNAL);
    if (written <= 0) return;
    bytes += written;
    length -= written;
  }
}

// Writes so many messages to each connection of a pipe, the numbers of which begin with `number`.
static void write_pipe(int pipe, int pipes, int messages, long long number, long long due) {
  int length = 0;
  for (int i = 0; i < messages; i++) length += put_frame(frames + length, number + i, due);
  for (int i = pipe; i < count; i += pipes) write_all(clients[i], frames, length);
}

static void publish(int burst, long long ms, long long rate, int pipes) {
  const struct timespec pause = {.tv_nsec = 1000000};
  long long started = microseconds(), elapsed, number = 0;
  while ((elapsed = microseconds() - started) < ms * 1000) {
    long long due = rate == 0 ? burst : elapsed * rate / 1000000 - number;
    if (due == 0) nanosleep(&pause, NULL);
    for (int messages; due > 0; due -= messages, number += messages) {
      long long due_at = rate == 0 ? microseconds() : started + (number + 1) * 1000000 / rate;
      messages = pipes > 1 ? 1 : due < maxBurst ? (int)due : maxBurst;
      write_pipe((int)(number % pipes), pipes, messages, number / pipes + 1, due_at);
    }
  }
  printf("published %lld %lld\n", number, started);
  fflush(stdout);
}

int main(void) {
  char line[64];
  int listener = listen_anywhere();
  struct pollfd polled[2] = {{.fd = 0, .events = POLLIN}, {.fd = listener, .events = POLLIN}};
  if (listener < 0) return 1;
  setvbuf(stdin, NULL, _IONBF, 0);
  while (poll(polled, 2, -1) > 0) {
    if (polled[1].revents & POLLIN) accept_one(listener);
    if ((polled[0].revents & (POLLIN | POLLHUP)) == 0) continue;
    int burst, pipes;
    long long ms, rate;
    if (fgets(line, sizeof line, stdin) == NULL) return 0;
    if (sscanf(line, "%d %lld %lld %d", &burst, &ms, &rate, &pipes) == 4) publish(burst, ms, rate, pipes);
  }
  return 0;
}
