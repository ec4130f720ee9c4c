/*
 * Debian's C client against one server: what its calls answer, the same on every server.
 *
 * cc -o capi capi.c relay.c -DTHREADED -lzookeeper_mt -lpthread
 * usage: capi HOST:PORT
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zookeeper/zookeeper.h>

#include "relay.h"

enum { limit_ms = 20000, lines_max = 4096 };

static const char *section = "";

static void say(const char *format, ...)
{
    va_list words;
    va_start(words, format);
    printf("%s: ", section);
    vprintf(format, words);
    printf("\n");
    fflush(stdout);
    va_end(words);
}

static void die(const char *what)
{
    fprintf(stderr, "%s: %s\n", section, what);
    exit(1);
}

/* What watchers and completions were told, in order. */
struct record {
    pthread_mutex_t lock;
    int count;
    char lines[lines_max][96];
};

static void note(struct record *record, const char *format, ...)
{
    va_list words;
    va_start(words, format);
    pthread_mutex_lock(&record->lock);
    if (record->count < lines_max)
        vsnprintf(record->lines[record->count++], sizeof record->lines[0], format, words);
    pthread_mutex_unlock(&record->lock);
    va_end(words);
}

static int noted(struct record *record)
{
    pthread_mutex_lock(&record->lock);
    int count = record->count;
    pthread_mutex_unlock(&record->lock);
    return count;
}

static struct record *new_record(void)
{
    struct record *record = calloc(1, sizeof *record);
    if (!record)
        die("no memory");
    pthread_mutex_init(&record->lock, NULL);
    return record;
}

static void wait_for(struct record *record, int count)
{
    for (int waited = 0; noted(record) < count; waited += 5) {
        if (waited > limit_ms)
            die("waited in vain to be told");
        usleep(5000);
    }
}

static void say_all(struct record *record)
{
    for (int i = 0; i < record->count; i++)
        say("  %s", record->lines[i]);
    record->count = 0;
}

static const char *event_name(int type)
{
    if (type == ZOO_CREATED_EVENT) return "created";
    if (type == ZOO_DELETED_EVENT) return "deleted";
    if (type == ZOO_CHANGED_EVENT) return "changed";
    if (type == ZOO_CHILD_EVENT) return "child";
    if (type == ZOO_SESSION_EVENT) return "session";
    if (type == ZOO_NOTWATCHING_EVENT) return "not watching";
    return "removed";
}

static const char *state_name(int state)
{
    if (state == ZOO_CONNECTED_STATE) return "connected";
    if (state == ZOO_CONNECTING_STATE) return "connecting";
    if (state == ZOO_ASSOCIATING_STATE) return "associating";
    if (state == ZOO_EXPIRED_SESSION_STATE) return "expired";
    if (state == ZOO_AUTH_FAILED_STATE) return "auth failed";
    return "not connected";
}

/* A watcher of nodes: its context is the record. Connection events go elsewhere. */
static void node_event(zhandle_t *zh, int type, int state, const char *path, void *context)
{
    if (type != ZOO_SESSION_EVENT)
        note(context, "%s %s %s", event_name(type), state_name(state), path);
}

/* The watcher of a handle: connection events, and those of old-style watches. */
static void session_event(zhandle_t *zh, int type, int state, const char *path, void *context)
{
    if (!context)
        return;
    if (type == ZOO_SESSION_EVENT)
        note(context, "session %s", state_name(state));
    else
        note(context, "%s %s", event_name(type), path);
}

static zhandle_t *connect_to(const char *server, const clientid_t *id, int timeout_ms, void *record)
{
    zhandle_t *zh = zookeeper_init(server, session_event, timeout_ms, id, record, 0);
    if (!zh)
        die("zookeeper_init");
    for (int waited = 0; zoo_state(zh) != ZOO_CONNECTED_STATE; waited += 5) {
        if (waited > limit_ms)
            die("not connected in time");
        usleep(5000);
    }
    return zh;
}

static void say_stat(const char *what, const struct Stat *stat)
{
    say("%s: version %d cversion %d aversion %d length %d children %d owned %d times %d", what,
        stat->version, stat->cversion, stat->aversion, stat->dataLength, stat->numChildren,
        stat->ephemeralOwner != 0, stat->ctime > 1000000000000LL && stat->mtime >= stat->ctime);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void say_children(const char *what, struct String_vector *names)
{
    char text[1024] = "";
    qsort(names->data, names->count, sizeof *names->data, compare);
    for (int i = 0; i < names->count; i++) {
        strncat(text, " ", sizeof text - strlen(text) - 1);
        strncat(text, names->data[i], sizeof text - strlen(text) - 1);
    }
    say("%s:%s", what, text);
    deallocate_String_vector(names);
}

static void nodes(const char *server)
{
    section = "nodes";
    zhandle_t *zh = connect_to(server, NULL, 4000, NULL);
    struct ACL_vector *open = &ZOO_OPEN_ACL_UNSAFE;
    struct Stat stat;
    struct String_vector names;
    char path[256], data[256];
    int length = sizeof data;
    say("create %s %s", zerror(zoo_create(zh, "/c", "one", 3, open, 0, path, sizeof path)), path);
    say("again %s", zerror(zoo_create(zh, "/c", "one", 3, open, 0, path, sizeof path)));
    say("orphan %s", zerror(zoo_create(zh, "/x/y", "", 0, open, 0, path, sizeof path)));
    say("bad path %s", zerror(zoo_create(zh, "no-slash", "", 0, open, 0, path, sizeof path)));
    say("create2 %s", zerror(zoo_create2(zh, "/c/two", "22", 2, open, 0, path, sizeof path,
            &stat)));
    say_stat(path, &stat);
    for (int i = 0; i < 2; i++) {
        zoo_create2(zh, "/c/s-", NULL, -1, open, ZOO_PERSISTENT_SEQUENTIAL, path, sizeof path,
                &stat);
        say_stat(path, &stat);
    }
    zoo_create2(zh, "/c/e-", "", 0, open, ZOO_EPHEMERAL_SEQUENTIAL, path, sizeof path, &stat);
    say_stat(path, &stat);
    char below[300];
    snprintf(below, sizeof below, "%s/x", path);
    say("below it %s", zerror(zoo_create(zh, below, "", 0, open, 0, path, sizeof path)));
    say("null data %s", zerror(zoo_get(zh, "/c/s-0000000001", 0, data, &length, &stat)));
    say("length %d, in stat %d", length, stat.dataLength);
    length = sizeof data;
    say("data %s", zerror(zoo_get(zh, "/c/two", 0, data, &length, &stat)));
    say("%.*s", length, data);
    length = 1;
    say("short buffer %s", zerror(zoo_get(zh, "/c/two", 0, data, &length, &stat)));
    say("length %d, in stat %d", length, stat.dataLength);
    say("set %s", zerror(zoo_set(zh, "/c", "two", 3, 0)));
    say("set, old version %s", zerror(zoo_set(zh, "/c", "two", 3, 0)));
    say("set2 %s", zerror(zoo_set2(zh, "/c", "three", 5, 1, &stat)));
    say_stat("/c", &stat);
    say("exists %s", zerror(zoo_exists(zh, "/c", 0, &stat)));
    say("absent %s", zerror(zoo_exists(zh, "/absent", 0, &stat)));
    say("children %s", zerror(zoo_get_children(zh, "/c", 0, &names)));
    say_children("/c", &names);
    say("children2 %s", zerror(zoo_get_children2(zh, "/c", 0, &names, &stat)));
    say_children("/c", &names);
    say_stat("/c", &stat);
    say("of nothing %s", zerror(zoo_get_children(zh, "/absent", 0, &names)));
    say("delete %s", zerror(zoo_delete(zh, "/c", -1)));
    say("delete, wrong version %s", zerror(zoo_delete(zh, "/c/two", 5)));
    say("delete %s", zerror(zoo_delete(zh, "/c/two", 0)));
    say("gone %s", zerror(zoo_delete(zh, "/c/two", 0)));
    length = sizeof data;
    say("config %s", zerror(zoo_getconfig(zh, 0, data, &length, &stat)));
    say("config length %d version %d", length, stat.version);
    length = sizeof data;
    say("reconfig %s",
        zerror(zoo_reconfig(zh, NULL, "5", NULL, -1, data, &length, &stat)));
    say("granted %d", zoo_recv_timeout(zh));
    say("close %s", zerror(zookeeper_close(zh)));
}

static void modes(const char *server)
{
    section = "modes";
    zhandle_t *zh = connect_to(server, NULL, 4000, NULL);
    struct ACL_vector *open = &ZOO_OPEN_ACL_UNSAFE;
    struct Stat stat;
    char path[256];
    say("container %s", zerror(zoo_create2(zh, "/box", "", 0, open, ZOO_CONTAINER, path,
            sizeof path, &stat)));
    say_stat(path, &stat);
    say("in it %s", zerror(zoo_create(zh, "/box/a", "", 0, open, 0, path, sizeof path)));
    say("ttl %s", zerror(zoo_create_ttl(zh, "/t", "", 0, open, ZOO_PERSISTENT_WITH_TTL, 60000,
            path, sizeof path)));
    say("ttl, sequence %s", zerror(zoo_create2_ttl(zh, "/t/s-", "x", 1, open,
        ZOO_PERSISTENT_SEQUENTIAL_WITH_TTL, 60000, path, sizeof path, &stat)));
    say_stat(path, &stat);
    say("no ttl %s", zerror(zoo_create_ttl(zh, "/u", "", 0, open, ZOO_PERSISTENT_WITH_TTL, 0,
            path, sizeof path)));
    say("ttl too long %s", zerror(zoo_create_ttl(zh, "/u", "", 0, open, ZOO_PERSISTENT_WITH_TTL,
        1LL << 41, path, sizeof path)));
    say("ttl of another mode %s", zerror(zoo_create_ttl(zh, "/u", "", 0, open, ZOO_PERSISTENT, 5,
            path, sizeof path)));
    zookeeper_close(zh);
}

static void say_results(const char *what, int code, const zoo_op_result_t *results, int count)
{
    say("%s: %s", what, zerror(code));
    for (int i = 0; i < count; i++)
        say("  %d %s", i, zerror(results[i].err));
}

static void multi_done(int code, const void *context)
{
    note((void *)context, "amulti %s", zerror(code));
}

static void transactions(const char *server)
{
    section = "transactions";
    zhandle_t *zh = connect_to(server, NULL, 4000, NULL);
    struct ACL_vector *open = &ZOO_OPEN_ACL_UNSAFE;
    struct Stat stat;
    zoo_op_t ops[6];
    zoo_op_result_t results[6];
    char one[64], two[64], three[64];
    zoo_create_op_init(&ops[0], "/m", "", 0, open, 0, one, sizeof one);
    zoo_create_op_init(&ops[1], "/m/s-", "", 0, open, ZOO_SEQUENCE, two, sizeof two);
    zoo_create_op_init(&ops[2], "/m/s-", "", 0, open, ZOO_SEQUENCE, three, sizeof three);
    zoo_set_op_init(&ops[3], "/m", "new", 3, 0, &stat);
    zoo_check_op_init(&ops[4], "/m", 1);
    zoo_delete_op_init(&ops[5], "/m/s-0000000000", 0);
    say_results("all", zoo_multi(zh, 6, ops, results), results, 6);
    say("%s %s %s", one, two, three);
    say_stat("/m", &stat);
    zoo_set_op_init(&ops[0], "/m", "never", 5, -1, NULL);
    zoo_check_op_init(&ops[1], "/m", 99);
    zoo_delete_op_init(&ops[2], "/m/s-0000000001", -1);
    say_results("failing", zoo_multi(zh, 3, ops, results), results, 3);
    zoo_exists(zh, "/m", 0, &stat);
    say_stat("/m", &stat);
    struct record *record = new_record();
    zoo_create_op_init(&ops[0], "/m/a", "", 0, open, 0, one, sizeof one);
    zoo_create_op_init(&ops[1], "/m/a/b", "", 0, open, ZOO_EPHEMERAL, two, sizeof two);
    if (zoo_amulti(zh, 2, ops, results, multi_done, record) != ZOK)
        die("zoo_amulti");
    wait_for(record, 1);
    say_all(record);
    say("%s %s", one, two);
    zookeeper_close(zh);
    free(record);
}

static void auth_done(int code, const void *context)
{
    note((void *)context, "auth %s", zerror(code));
}

static void say_acl(zhandle_t *zh, const char *path)
{
    struct ACL_vector acl;
    struct Stat stat;
    int code = zoo_get_acl(zh, path, &acl, &stat);
    say("acl of %s: %s", path, zerror(code));
    if (code != ZOK)
        return;
    for (int i = 0; i < acl.count; i++)
        say("  %s:%s %d", acl.data[i].id.scheme, acl.data[i].id.id, acl.data[i].perms);
    say("  aversion %d", stat.aversion);
    deallocate_ACL_vector(&acl);
}

static void access_rights(const char *server)
{
    section = "access";
    struct record *record = new_record();
    zhandle_t *mine = connect_to(server, NULL, 4000, NULL);
    zhandle_t *other = connect_to(server, NULL, 4000, NULL);
    struct Stat stat;
    char path[64], data[64];
    int length = sizeof data;
    zoo_add_auth(mine, "digest", "me:secret", 9, auth_done, record);
    wait_for(record, 1);
    say_all(record);
    say("create %s", zerror(zoo_create(mine, "/own", "x", 1, &ZOO_CREATOR_ALL_ACL, 0, path,
            sizeof path)));
    say_acl(mine, "/own");
    say_acl(other, "/own");
    say("get %s", zerror(zoo_get(other, "/own", 0, data, &length, &stat)));
    say("set %s", zerror(zoo_set(other, "/own", "y", 1, -1)));
    say("exists %s", zerror(zoo_exists(other, "/own", 0, &stat)));
    say("set_acl %s", zerror(zoo_set_acl(other, "/own", -1, &ZOO_OPEN_ACL_UNSAFE)));
    struct ACL list[2] = {
        {ZOO_PERM_ALL, {"digest", "me:016djjlksVQS5RgX3M7biBGyYwY="}}, {ZOO_PERM_READ, {"world",
                "anyone"}},
    };
    struct ACL_vector both = {2, list};
    say("set_acl %s", zerror(zoo_set_acl(mine, "/own", 0, &both)));
    say("old aversion %s", zerror(zoo_set_acl(mine, "/own", 0, &both)));
    say_acl(other, "/own");
    length = sizeof data;
    say("get %s", zerror(zoo_get(other, "/own", 0, data, &length, &stat)));
    struct ACL bad = {ZOO_PERM_ALL, {"digest", "nocolon"}};
    struct ACL_vector bad_list = {1, &bad};
    say("bad acl %s", zerror(zoo_create(mine, "/bad", "", 0, &bad_list, 0, path, sizeof path)));
    say("nobody %s", zerror(zoo_create(other, "/bad", "", 0, &ZOO_CREATOR_ALL_ACL, 0, path,
            sizeof path)));
    zhandle_t *refused = connect_to(server, NULL, 4000, record);
    wait_for(record, 1);
    record->count = 0;
    zoo_add_auth(refused, "gone", "x", 1, auth_done, record);
    wait_for(record, 2);
    say_all(record);
    say("then %s", zerror(zoo_exists(refused, "/own", 0, &stat)));
    zookeeper_close(refused);
    zookeeper_close(other);
    zookeeper_close(mine);
    free(record);
}

#include "capi-watches.h"

int main(int count, char **words)
{
    if (count != 2)
        die("usage: capi HOST:PORT");
    zoo_set_debug_level(0);
    nodes(words[1]);
    modes(words[1]);
    transactions(words[1]);
    access_rights(words[1]);
    watches(words[1]);
    removal(words[1]);
    pipeline(words[1]);
    chroot_prefix(words[1]);
    reconnect(words[1]);
    resume(words[1]);
    return 0;
}
