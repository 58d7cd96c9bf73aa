/* What the load was asked to do. */

#pragma once
#include "figures.h"
#include "stun.h"
#include <arpa/inet.h>
#include <getopt.h>

enum { UP, DOWN }; /* from clients to peers, and back */
enum { MOST_AT_ONCE = 128, LEAST_SIZE = 24, MOST_SIZE = 1400, MOST_ALLOCATIONS = 60000 };

static struct {
    struct sockaddr_in server;
    struct credentials credentials;
    long allocations, base, speakers, size, window, batch, burst;
    int tcp, indications, direct, sleeps, ways[2], cpu;
    double rate, seconds, warm_up, patience;
    struct server_pids pids;
} options = {.allocations = 500, .size = 160, .window = 128, .batch = 32, .burst = 1, .ways = {1, 0}, .cpu = -1,
             .seconds = 3, .warm_up = 1, .patience = .2};

static void read_server(char *text) {
    char *port = strchr(text, ':');
    if (port) *port++ = 0;
    options.server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port ? port : "3478"))};
    if (!inet_aton(text, &options.server.sin_addr)) fail("--server takes ADDRESS:PORT of IPv4");
}

static const char USAGE[] =
    "load --server ADDRESS:PORT --user NAME --password WORD | --secret WORD  or  load --direct\n"
    "  --allocations N        500\n"
    "  --base N               memory is what those beyond the first N take\n"
    "  --speakers N           only so many of them speak\n"
    "  --tcp                  clients connect by TCP\n"
    "  --indications          Send and Data instead of channels\n"
    "  --direction up|down|both\n"
    "  --rate N               packets a second in all, at random moments; otherwise as fast as it goes\n"
    "  --window N             packets on their way, unless paced (128)\n"
    "  --batch N              packets sent at once (32)\n"
    "  --burst N              of them in a row by one client or peer (1)\n"
    "  --size N               bytes of a payload (160)\n"
    "  --seconds S --warm-up S\n"
    "  --patience S           after which packets count as lost (0.2)\n"
    "  --pid N                of the server, may be repeated: its CPU and memory are told\n"
    "  --cpu N                to run on\n"
    "  --sleep                when there is nothing to do: for a CPU that others need\n";

enum { SERVER, USER, PASSWORD, SECRET, DIRECT, ALLOCATIONS, BASE, SPEAKERS, TCP, INDICATIONS, DIRECTION, RATE, WINDOW, BATCH,
       BURST, SIZE, SECONDS, WARM_UP, PATIENCE, PID, CPU, SLEEP };
static const struct option NAMES[] = {
    {"server", 1, 0, SERVER}, {"user", 1, 0, USER}, {"password", 1, 0, PASSWORD}, {"secret", 1, 0, SECRET},
    {"direct", 0, 0, DIRECT}, {"allocations", 1, 0, ALLOCATIONS}, {"base", 1, 0, BASE}, {"speakers", 1, 0, SPEAKERS},
    {"tcp", 0, 0, TCP}, {"indications", 0, 0, INDICATIONS}, {"direction", 1, 0, DIRECTION}, {"rate", 1, 0, RATE},
    {"window", 1, 0, WINDOW}, {"batch", 1, 0, BATCH}, {"burst", 1, 0, BURST}, {"size", 1, 0, SIZE},
    {"seconds", 1, 0, SECONDS}, {"warm-up", 1, 0, WARM_UP}, {"patience", 1, 0, PATIENCE}, {"pid", 1, 0, PID},
    {"cpu", 1, 0, CPU}, {"sleep", 0, 0, SLEEP}, {0, 0, 0, 0}};

static void read_options(int count, char **words) {
    const char *user = "load", *secret = NULL;
    for (int name; (name = getopt_long(count, words, "", NAMES, NULL)) != -1;) {
        switch (name) {
        case SERVER: read_server(optarg); break;
        case USER: user = optarg; break;
        case PASSWORD: snprintf(options.credentials.password, LONGEST_TEXT, "%s", optarg); break;
        case SECRET: secret = optarg; break;
        case DIRECT: options.direct = 1; break;
        case ALLOCATIONS: options.allocations = atol(optarg); break;
        case BASE: options.base = atol(optarg); break;
        case SPEAKERS: options.speakers = atol(optarg); break;
        case TCP: options.tcp = 1; break;
        case INDICATIONS: options.indications = 1; break;
        case DIRECTION:
            options.ways[UP] = strcmp(optarg, "down") != 0;
            options.ways[DOWN] = strcmp(optarg, "up") != 0;
            break;
        case RATE: options.rate = atof(optarg); break;
        case WINDOW: options.window = atol(optarg); break;
        case BATCH: options.batch = atol(optarg); break;
        case BURST: options.burst = atol(optarg); break;
        case SIZE: options.size = atol(optarg); break;
        case SECONDS: options.seconds = atof(optarg); break;
        case WARM_UP: options.warm_up = atof(optarg); break;
        case PATIENCE: options.patience = atof(optarg); break;
        case PID: add_pid(&options.pids, atoi(optarg)); break;
        case CPU: options.cpu = atoi(optarg); break;
        case SLEEP: options.sleeps = 1; break;
        default: fail("%s", USAGE);
        }
    }
    snprintf(options.credentials.user, LONGEST_TEXT, "%s", user);
    if (secret) mint(&options.credentials, secret, user, (long long)time(NULL));
    if (!options.direct && !options.server.sin_port) fail("%s", USAGE);
    if (options.direct) options.tcp = options.indications = 0;
    if (options.allocations < 1 || options.allocations > MOST_ALLOCATIONS || options.base >= options.allocations)
        fail("--allocations 1 to %d, --base less", MOST_ALLOCATIONS);
    if (options.size < LEAST_SIZE || options.size > MOST_SIZE) fail("--size %d to %d", LEAST_SIZE, MOST_SIZE);
    if (options.batch < 1 || options.batch > MOST_AT_ONCE || options.window < options.batch)
        fail("--batch 1 to %d, --window no less", MOST_AT_ONCE);
    if (options.burst < 1) fail("--burst 1 or more");
}
