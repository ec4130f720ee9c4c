/* The second half of capi.c: watches, asynchronous calls, and the life of sessions. */

static void watches(const char *server)
{
    section = "watches";
    struct record *old = new_record(), *record = new_record();
    zhandle_t *zh = connect_to(server, NULL, 4000, old);
    zhandle_t *other = connect_to(server, NULL, 4000, NULL);
    struct ACL_vector *open = &ZOO_OPEN_ACL_UNSAFE;
    struct Stat stat;
    struct String_vector names;
    char path[64], data[64];
    int length = sizeof data;
    wait_for(old, 1);
    say_all(old);
    zoo_create(other, "/w", "", 0, open, 0, path, sizeof path);
    say("wexists %s", zerror(zoo_wexists(zh, "/w/new", node_event, record, &stat)));
    say("wget %s", zerror(zoo_wget(zh, "/w", node_event, record, data, &length, &stat)));
    say("wget_children %s", zerror(zoo_wget_children(zh, "/w", node_event, record, &names)));
    say_children("/w", &names);
    say("get, watch 1 %s", zerror(zoo_get(zh, "/w", 1, data, &length, &stat)));
    say("get of nothing %s", zerror(zoo_wget(zh, "/w/none", node_event, record, data, &length,
            &stat)));
    zoo_create(other, "/w/new", "", 0, open, 0, path, sizeof path);
    wait_for(record, 2);
    zoo_set(other, "/w", "x", 1, -1);
    wait_for(record, 3);
    zoo_set(other, "/w", "y", 1, -1);
    zoo_create(other, "/w/none", "", 0, open, 0, path, sizeof path);
    zoo_set(other, "/w/new", "z", 1, -1);
    zoo_exists(zh, "/w", 0, &stat);
    say_all(record);
    wait_for(old, 1);
    say_all(old);
    say("wget_children2 %s", zerror(zoo_wget_children2(zh, "/w/new", node_event, record, &names,
            &stat)));
    deallocate_String_vector(&names);
    say("wexists %s", zerror(zoo_wexists(zh, "/w/new", node_event, record, &stat)));
    zoo_delete(zh, "/w/new", -1);
    wait_for(record, 1);
    say_all(record);
    say("wgetconfig %s", zerror(zoo_wgetconfig(zh, node_event, record, data, &length, &stat)));
    zookeeper_close(other);
    zookeeper_close(zh);
    free(record);
    free(old);
}

static void removed(int code, const void *context)
{
    note((void *)context, "aremove %s", zerror(code));
}

static void removal(const char *server)
{
    section = "removal";
    struct record *record = new_record(), *second = new_record();
    zhandle_t *zh = connect_to(server, NULL, 4000, NULL);
    zhandle_t *other = connect_to(server, NULL, 4000, NULL);
    struct Stat stat;
    struct String_vector names;
    char path[64], data[64];
    int length = sizeof data;
    zoo_create(zh, "/r", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, path, sizeof path);
    say("none there %s", zerror(zoo_remove_watches(zh, "/r", ZWATCHTYPE_DATA, node_event, record,
            0)));
    zoo_wget(zh, "/r", node_event, record, data, &length, &stat);
    zoo_wget(zh, "/r", node_event, second, data, &length, &stat);
    zoo_wget_children(zh, "/r", node_event, record, &names);
    deallocate_String_vector(&names);
    say("wrong kind %s", zerror(zoo_remove_watches(zh, "/r", ZWATCHTYPE_CHILD, node_event, second,
            0)));
    say("one of two %s", zerror(zoo_remove_watches(zh, "/r", ZWATCHTYPE_DATA, node_event, record,
            0)));
    zoo_set(other, "/r", "x", 1, -1);
    wait_for(second, 1);
    say_all(second);
    say_all(record);
    say("child %s", zerror(zoo_remove_watches(zh, "/r", ZWATCHTYPE_CHILD, node_event, record, 0)));
    zoo_wexists(zh, "/r", node_event, record, &stat);
    zoo_wexists(zh, "/r", node_event, second, &stat);
    say("all %s", zerror(zoo_remove_all_watches(zh, "/r", ZWATCHTYPE_ANY, 0)));
    zoo_wget(zh, "/r", node_event, record, data, &length, &stat);
    /* The header asks for a pointer to the completion, the library calls what it is given. */
    if (zoo_aremove_watches(zh, "/r", ZWATCHTYPE_DATA, node_event, record, 0,
            (void_completion_t *)removed, second) != ZOK)
        die("zoo_aremove_watches");
    wait_for(second, 1);
    zoo_set(other, "/r", "y", 1, -1);
    zoo_exists(zh, "/r", 0, &stat);
    say_all(second);
    say_all(record);
    zookeeper_close(other);
    zookeeper_close(zh);
    free(record);
    free(second);
}

static void created(int code, const char *value, const void *context)
{
    note((void *)context, "create %s %s", zerror(code), value ? value : "-");
}

static void got(int code, const char *value, int length, const struct Stat *stat,
        const void *context)
{
    note((void *)context, "get %s %.*s", zerror(code), length > 0 ? length : 0, value ? value : "");
}

static void synced(int code, const char *value, const void *context)
{
    note((void *)context, "sync %s %s", zerror(code), value ? value : "-");
}

static void with_stat(int code, const struct Stat *stat, const void *context)
{
    note((void *)context, "stat %s %d", zerror(code), stat ? stat->version : -1);
}

static void done(int code, const void *context)
{
    note((void *)context, "done %s", zerror(code));
}

static void listed(int code, const struct String_vector *names, const struct Stat *stat,
        const void *context)
{
    note((void *)context, "list %s %d", zerror(code), names ? names->count : -1);
}

/* Everything sent without waiting: answers come in the order of the calls, errors among them. */
static void pipeline(const char *server)
{
    section = "pipeline";
    struct record *record = new_record();
    zhandle_t *zh = connect_to(server, NULL, 4000, NULL);
    struct ACL_vector *open = &ZOO_OPEN_ACL_UNSAFE;
    char path[64];
    zoo_acreate(zh, "/p", "", 0, open, 0, created, record);
    zoo_acreate(zh, "/p", "", 0, open, 0, created, record);
    zoo_acreate(zh, "/p/s-", "", 0, open, ZOO_SEQUENCE, created, record);
    zoo_aset(zh, "/p", "new", 3, 0, with_stat, record);
    zoo_aset(zh, "/p", "new", 3, 0, with_stat, record);
    zoo_aget(zh, "/p", 0, got, record);
    zoo_aget(zh, "/none", 0, got, record);
    zoo_async(zh, "/p", synced, record);
    zoo_aexists(zh, "/p", 0, with_stat, record);
    zoo_aget_children2(zh, "/p", 0, listed, record);
    zoo_adelete(zh, "/p", -1, done, record);
    zoo_adelete(zh, "/p/s-0000000000", -1, done, record);
    zoo_aset(zh, "/p", "newer", 5, -1, with_stat, record);
    /* Last: 3.8 looks at the old list while the new one is on its way, depending on the moment. */
    zoo_aset_acl(zh, "/p", 0, &ZOO_READ_ACL_UNSAFE, done, record);
    wait_for(record, 14);
    say_all(record);
    zoo_create(zh, "/many", "", 0, open, 0, path, sizeof path);
    for (int i = 0; i < 2000; i++) {
        if (zoo_acreate(zh, "/many/n-", "", 0, open, ZOO_EPHEMERAL_SEQUENTIAL, created,
                record) != ZOK)
            die("zoo_acreate");
    }
    wait_for(record, 2000);
    int in_order = 0;
    for (int i = 0; i < 2000; i++) {
        char expected[96];
        snprintf(expected, sizeof expected, "create ok /many/n-%010d", i);
        in_order += strcmp(expected, record->lines[i]) == 0;
    }
    say("in order %d, last: %s", in_order, record->lines[1999]);
    zookeeper_close(zh);
    free(record);
}

static void chroot_prefix(const char *server)
{
    section = "chroot";
    struct record *record = new_record();
    zhandle_t *whole = connect_to(server, NULL, 4000, NULL);
    struct ACL_vector *open = &ZOO_OPEN_ACL_UNSAFE;
    struct Stat stat;
    struct String_vector names;
    char address[128], path[64];
    snprintf(address, sizeof address, "%s/ch/root", server);
    zhandle_t *zh = connect_to(address, NULL, 4000, NULL);
    say("before it is there %s", zerror(zoo_create(zh, "/a", "", 0, open, 0, path, sizeof path)));
    zoo_create(whole, "/ch", "", 0, open, 0, path, sizeof path);
    zoo_create(whole, "/ch/root", "", 0, open, 0, path, sizeof path);
    say("wexists %s", zerror(zoo_wexists(zh, "/a", node_event, record, &stat)));
    say("create %s", zerror(zoo_create(zh, "/a", "", 0, open, 0, path, sizeof path)));
    say("returns %s", path);
    wait_for(record, 1);
    say_all(record);
    say("whole %s", zerror(zoo_exists(whole, "/ch/root/a", 0, &stat)));
    zoo_get_children(zh, "/", 0, &names);
    say_children("/", &names);
    zookeeper_close(zh);
    zookeeper_close(whole);
    free(record);
}

static void wait_for_state(zhandle_t *zh, int state, int wanted)
{
    for (int waited = 0; (zoo_state(zh) == state) != wanted; waited += 5) {
        if (waited > limit_ms)
            die("the state did not come");
        usleep(5000);
    }
}

/* Watches set before a lost connection fire for what happened meanwhile,
        and stay set for the rest. */
static void reconnect(const char *server)
{
    section = "reconnect";
    struct record *record = new_record(), *states = new_record(), *answers = new_record();
    char address[64], path[64], data[64];
    int length = sizeof data;
    struct relay *relay = relay_start(server, address, sizeof address);
    if (!relay)
        die("relay");
    zhandle_t *zh = connect_to(address, NULL, 4000, states);
    zhandle_t *other = connect_to(server, NULL, 4000, NULL);
    struct ACL_vector *open = &ZOO_OPEN_ACL_UNSAFE;
    struct Stat stat;
    struct String_vector names;
    zoo_add_auth(zh, "digest", "me:secret", 9, auth_done, answers);
    wait_for(answers, 1);
    say_all(answers);
    zoo_create(zh, "/re", "", 0, open, 0, path, sizeof path);
    const char *children[] = {"/re/changed", "/re/deleted", "/re/parent", "/re/same"};
    for (int i = 0; i < 4; i++)
        zoo_create(zh, children[i], "", 0, open, 0, path, sizeof path);
    zoo_create(zh, "/re/secret", "s", 1, &ZOO_CREATOR_ALL_ACL, 0, path, sizeof path);
    zoo_create(zh, "/re/mine", "", 0, open, ZOO_EPHEMERAL, path, sizeof path);
    zoo_wget(zh, "/re/changed", node_event, record, data, &length, &stat);
    zoo_wget(zh, "/re/deleted", node_event, record, data, &length, &stat);
    zoo_wget_children(zh, "/re/parent", node_event, record, &names);
    deallocate_String_vector(&names);
    zoo_wexists(zh, "/re/created", node_event, record, &stat);
    zoo_wget(zh, "/re/same", node_event, record, data, &length, &stat);
    zoo_wexists(zh, "/re/absent", node_event, record, &stat);
    clientid_t before = *zoo_client_id(zh);
    relay_cut(relay, 1);
    wait_for_state(zh, ZOO_CONNECTED_STATE, 0);
    zoo_set(other, "/re/changed", "x", 1, -1);
    zoo_delete(other, "/re/deleted", -1);
    zoo_create(other, "/re/parent/child", "", 0, open, 0, path, sizeof path);
    zoo_create(other, "/re/created", "", 0, open, 0, path, sizeof path);
    relay_mend(relay);
    wait_for_state(zh, ZOO_CONNECTED_STATE, 1);
    wait_for(record, 4);
    qsort(record->lines, record->count, sizeof record->lines[0], (int (*)(const void *,
            const void *))strcmp);
    say_all(record);
    zoo_set(other, "/re/same", "x", 1, -1);
    wait_for(record, 1);
    zoo_create(other, "/re/absent", "", 0, open, 0, path, sizeof path);
    wait_for(record, 2);
    say_all(record);
    length = sizeof data;
    say("identity is sent again: %s", zerror(zoo_get(zh, "/re/secret", 0, data, &length, &stat)));
    say("same session %d", memcmp(&before, zoo_client_id(zh), sizeof before) == 0);
    zoo_exists(other, "/re/mine", 0, &stat);
    say("still its own %d", stat.ephemeralOwner == before.client_id);
    say("first %s, last %s", states->lines[0], states->lines[noted(states) - 1]);
    zookeeper_close(zh);
    say("closed: %s", zerror(zoo_exists(other, "/re/mine", 0, &stat)));
    zookeeper_close(other);
    free(answers);
    free(record);
    /* `states` and the relay stay: threads may still look at them. */
}

/* Another handle goes on with a session by id and password; a wrong password is refused. */
static void resume(const char *server)
{
    section = "resume";
    struct record *states = new_record(), *expired = new_record();
    char address[64], path[64];
    struct relay *relay = relay_start(server, address, sizeof address);
    if (!relay)
        die("relay");
    zhandle_t *first = connect_to(address, NULL, 4000, states);
    struct Stat stat;
    zoo_create(first, "/resumed", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_EPHEMERAL, path, sizeof path);
    clientid_t id = *zoo_client_id(first);
    relay_cut(relay, 1);
    wait_for_state(first, ZOO_CONNECTED_STATE, 0);
    zhandle_t *second = connect_to(server, &id, 4000, NULL);
    say("same session %d", zoo_client_id(second)->client_id == id.client_id);
    say("exists %s", zerror(zoo_exists(second, "/resumed", 0, &stat)));
    say("owner %d", stat.ephemeralOwner == id.client_id);
    clientid_t wrong = id;
    memset(wrong.passwd, 1, sizeof wrong.passwd);
    zhandle_t *refused = zookeeper_init(server, session_event, 4000, &wrong, expired, 0);
    wait_for(expired, 1);
    say_all(expired);
    say("refused: %s, for ever %d", zerror(zoo_exists(refused, "/", 0, &stat)),
            is_unrecoverable(refused) != 0);
    zookeeper_close(refused);
    /* 3.8 has cut the owner's connection before it looked at the password. */
    for (int waited = 0; zoo_exists(second, "/resumed", 0, &stat) != ZOK; waited += 5) {
        if (waited > limit_ms)
            die("the owner is not served");
        usleep(5000);
    }
    zookeeper_close(second);
    zhandle_t *third = connect_to(server, NULL, 4000, NULL);
    say("closed with it: %s", zerror(zoo_exists(third, "/resumed", 0, &stat)));
    zookeeper_close(third);
    relay_mend(relay);
    wait_for_state(first, ZOO_EXPIRED_SESSION_STATE, 1);
    say("the first one is told: %s", state_name(zoo_state(first)));
    zookeeper_close(first);
}
