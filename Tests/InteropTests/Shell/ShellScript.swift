/// The commands that both shells are given, in sections that name what they cover.
enum ShellScript {
    struct Section: Sendable {
        let name: String
        let lines: String
    }

    /// Every command with its old and new syntax and its errors; each section begins with what the ones
    /// before have left.
    static let sections: [Section] = [
        Section(
            name: "A12.2 create",
            lines: """
                create /zk myData
                create /zk myData
                create -e /zk-e x
                create -s /zk/s x
                create -s -e /zk/q x
                create -es /zk/q x
                create -e -s /zk/q x
                create -s /zk/d/
                create /zk/null
                create /zk/empty ""
                create /zk/quoted "two  words"
                create /zk/single 'a "quoted" word'
                create /zk/open "never closed
                create -c /zk/container c
                create -t 100000 /zk/ttl t
                create -s -t100000 /zk/ttl t
                create /zk/acl d world:anyone:cr
                create /zk/two d world:anyone:r,ip:127.0.0.1:cdrwa
                create /zk-e/below x
                create /no/parent x
                create
                create -c -s /x
                create -t 5 -e /x
                create -t 5 -c /x
                create -t 0 /x
                create -t 1099511627776 /x
                create -t x /x
                create -t
                create --ephemeral /x
                create -z /x
                create nopath
                create /x/ x
                create /x//y x
                create /x d foo
                create /x d bad:scheme:r
                create /x d world:anyone:xr
                create -- /-dash -data
                get /-dash
                """
        ),
        Section(
            name: "A12.3 A12.4 ls",
            lines: """
                ls /
                ls /zk
                ls /zk/s0000000000
                ls -s /zk
                ls -R /zk
                ls -R /
                ls -R /none
                ls -sR /zk-e
                ls /none
                ls
                ls -x /
                ls none
                ls -?
                ls -? /zk-e
                "ls" '/zk-e'
                """
        ),
        Section(
            name: "A12.5 get",
            lines: """
                get /zk
                get -s /zk
                get /zk/null
                get /zk/empty
                get /zk/quoted
                get /zk/single
                get /zk/open
                get -w /zk
                set /zk first
                set /zk second
                get /zk watch
                set /zk third
                get /none
                get
                get -q /zk
                get /zk/
                """
        ),
        Section(
            name: "A12.6 set",
            lines: """
                set /zk 456
                set -s /zk 789
                set -v 5 /zk x
                set -v 99 /zk x
                set -v
                set -v -1 /zk back
                set -v=6 /zk equals
                set -sv7 /zk joined
                set /zk
                set /none x
                set none x
                """
        ),
        Section(
            name: "A12.7 delete",
            lines: """
                delete /zk
                delete -v 3 /zk/null
                delete -v 0 /zk/null
                delete /zk/null
                delete /zk/empty
                delete
                delete none
                delete /zookeeper
                """
        ),
        Section(
            name: "A12.8 deleteall",
            lines: """
                create /tree x
                create /tree/a x
                create /tree/a/b x
                create /tree/c x
                deleteall -b 2 /tree
                ls /tree
                deleteall /tree
                deleteall -b x /tree
                create /tree x
                create /tree/a x
                create /tree/kept x
                create /tree/kept/b x
                create /tree/z x
                setAcl /tree/kept world:anyone:ra
                deleteall -b 1 /tree
                ls -R /tree
                setAcl /tree/kept world:anyone:cdrwa
                deleteall /tree
                deleteall
                deleteall tree
                """
        ),
        Section(
            name: "A12.9 stat",
            lines: """
                stat /zk
                stat -w /zk-e
                set /zk-e changed
                stat /none
                stat -w /none
                create /none now
                delete /none
                stat
                stat /
                stat /zk-e watch
                set /zk-e again
                """
        ),
        Section(
            name: "A12.10 A12.11 A12.12 quotas",
            lines: """
                create /quota x
                create /quota/a x
                create /quota/a/b x
                listquota /quota/a
                setquota -n 5 /quota/a
                listquota /quota/a
                setquota -b 100 /quota/a
                setquota -N 6 /quota/a
                setquota -B 200 /quota/a
                listquota /quota/a
                get /zookeeper/quota/quota/a/zookeeper_limits
                ls -R /zookeeper/quota
                setquota -n 1 /quota/a
                setquota -b 1 /quota/a
                setquota -n 2 /quota
                setquota -n 2 /quota/a/b
                setquota -n 2 /none
                setquota -n 2 none
                setquota -n 2 /zookeeper/quota/x
                setquota -n 0 /quota
                setquota -n x /quota
                setquota -b -1 /quota
                setquota -n 1 -b 2 /quota
                setquota /quota
                setquota -n
                setquota -n 5
                delquota -n /quota/a
                listquota /quota/a
                delquota -b /quota/a
                delquota -N /quota/a
                delquota -B /quota/a
                listquota /quota/a
                delquota /quota/a
                delquota /quota/a
                listquota /quota/a
                ls /zookeeper/quota
                delquota
                delquota -n -b /quota
                """
        ),
        Section(
            name: "A12.13 A12.14 access",
            lines: """
                getAcl /zk
                getAcl -s /zk
                getAcl /zk/two
                getAcl /none
                getAcl
                create /mine secret auth::cdrwa
                addauth
                addauth digest user:pass
                whoami
                create /mine secret auth::cdrwa
                getAcl /mine
                setAcl /zk/two world:anyone:rw
                getAcl /zk/two
                setAcl -s /zk/two world:anyone:cdrwa
                setAcl -v 7 /zk/two world:anyone:cdrwa
                setAcl -v 2 /zk/two digest:x:y:cdrwa
                get /zk/two
                setAcl /zk/acl world:anyone:cdrwa
                set /zk/acl x
                setAcl /mine foo
                setAcl /mine
                setAcl /none world:anyone:r
                setAcl -R /quota world:anyone:cdra
                getAcl /quota/a/b
                set /quota/a refused
                setAcl none world:anyone:r
                """
        ),
        Section(
            name: "A12.15 sync and counts",
            lines: """
                sync /
                sync /none
                sync none
                sync
                getAllChildrenNumber /quota
                getAllChildrenNumber /none
                getAllChildrenNumber
                getEphemerals
                getEphemerals /zk-e
                getEphemerals /none
                getEphemerals none
                config
                config -s
                config -c
                config -x
                version extra
                """
        ),
        Section(
            name: "A12.16 history",
            lines: """
                get /mine
                redo
                redo 100000
                redo -1
                ls /zk-e
                redo 3
                history
                """
        ),
        Section(
            name: "A12.17 watches",
            lines: """
                printwatches
                printwatches off
                printwatches
                create /silent x
                get -w /silent
                set /silent y
                printwatches on
                get -w /mine
                set /mine loud
                ls -w /mine
                create /mine/child x
                delete /mine/child
                get -w /mine
                removewatches /mine -d
                removewatches /mine -d
                ls -w /mine
                removewatches /mine -c
                removewatches /mine
                removewatches
                removewatches none
                removewatches /none -l
                addWatch /mine
                create /mine/deep x
                create /mine/deep/er x
                set /mine/deep x
                deleteall /mine/deep
                removewatches /mine -d
                removewatches /mine
                addWatch -m persistent /mine
                set /mine x
                create /mine/new x
                set /mine/new x
                delete /mine/new
                removewatches /mine -a
                addWatch -m nonsense /mine
                addWatch
                addWatch -m
                """
        ),
        Section(
            name: "A12.18 connections",
            lines: """
                close
                ls /
                get
                close
                printwatches
                connect SERVER
                ls /
                get /mine
                getEphemerals
                connect
                whoami
                """
        ),
        Section(name: "A12.19 usage", lines: "nonsense\nLS /\n"),
    ]

    /// A command that prints its own argument: it tells where a section begins.
    static func marker(_ number: Int) -> String { "listquota /section/\(number)" }

    /// The whole script for a server.
    static func text(_ sections: [Section], server: String) -> String {
        sections.enumerated().map { number, section in
            marker(number) + "\n" + section.lines.replacing("SERVER", with: server) + "\n"
        }.joined()
    }
}
