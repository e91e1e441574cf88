// The floor of the relay bench: the least that a UDP relay with a pair of ports for each call costs here. A packet that comes to one socket of a
// pair leaves by the other, to that one's peer; epoll, recvfrom, sendto; nothing is read or changed.
// usage: relay FIRST_PORT < PEER_PORTS     an even number of lines; socket i has port FIRST_PORT + i and its peer is at the i-th line's port
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

int main(int count, char **arguments) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if (count < 2) return 2;
  int first = atoi(arguments[1]), n = 0, capacity = 0, port, loop = epoll_create1(0), *sockets = NULL;
  struct sockaddr_in *peers = NULL;
  while (scanf("%d", &port) == 1) {
    if (n == capacity) {
      capacity = capacity ? capacity * 2 : 256;
      sockets = realloc(sockets, capacity * sizeof *sockets);
      peers = realloc(peers, capacity * sizeof *peers);
    }
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons(first + n), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    sockets[n] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (bind(sockets[n], (void *)&local, sizeof local)) { perror("bind"); return 1; }
    peers[n] = local;
    peers[n].sin_port = htons(port);
    struct epoll_event wanted = {.events = EPOLLIN, .data.u32 = n};
    epoll_ctl(loop, EPOLL_CTL_ADD, sockets[n], &wanted);
    n++;
  }
  puts("ready");
  fflush(stdout);
  static struct epoll_event events[512];
  static char packet[2048];
  for (;;) {
    int ready = epoll_wait(loop, events, 512, -1);
    for (int i = 0; i < ready; i++) {
      int in = events[i].data.u32, out = in ^ 1;
      struct sockaddr_in from;
      socklen_t length = sizeof from;
      ssize_t octets = recvfrom(sockets[in], packet, sizeof packet, 0, (void *)&from, &length);
      if (octets > 0) sendto(sockets[out], packet, octets, 0, (void *)&peers[out], sizeof peers[out]);
    }
  }
}
