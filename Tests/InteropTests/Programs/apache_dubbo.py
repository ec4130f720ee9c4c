"""Providers and a consumer of apache-dubbo 3.0.0b1 that find each other through a registry.

usage: apache_dubbo.py HOST:PORT                 the whole scene, as lines
       apache_dubbo.py HOST:PORT provide PORT    a provider, until its input ends
       apache_dubbo.py HOST:PORT consume         a consumer: one call for each line of its input
"""
import queue
import sys
import threading

import dubbo
from dubbo.configs import ReferenceConfig, RegistryConfig, ServiceConfig
from dubbo.proxy.handlers import RpcMethodHandler, RpcServiceHandler
from dubbo.registry.zookeeper.zk_registry import ZookeeperRegistry

from actors import Scene

SERVICE = "org.apache.dubbo.samples.HelloWorld"
PROVIDERS = "/dubbo/" + SERVICE + "/providers"


def provide(server, port):
    def say_hello(message: bytes) -> bytes:
        return b"hello from %d, %s" % (port, message)

    # It registers before its port listens. A consumer that is told in between finds nobody there and
    # keeps an empty list, so the registration waits here until the port listens.
    held, register = [], ZookeeperRegistry.register
    ZookeeperRegistry.register = lambda registry, url: held.append((registry, url.copy()))
    handler = RpcServiceHandler(
        service_name=SERVICE,
        method_handlers=[RpcMethodHandler.unary(method=say_hello, method_name="unary")],
    )
    bootstrap = dubbo.Dubbo(registry_config=RegistryConfig.from_url("zookeeper://" + server))
    config = ServiceConfig(service_handler=handler, host="127.0.0.1", port=port)
    bootstrap.create_server(config).start()
    for registry, url in held:
        register(registry, url)
    print("ready", flush=True)
    sys.stdin.read()


def answer(unary, text):
    """The answer to one call; a call that is under way while the library takes over new providers can be lost."""
    answers = queue.SimpleQueue()

    def call():
        try:
            answers.put(unary(text.encode()).decode())
        except Exception as error:
            answers.put("failed: " + type(error).__name__)

    threading.Thread(target=call, daemon=True).start()
    try:
        return answers.get(timeout=5)
    except queue.Empty:
        return "failed: no answer"


def consume(server):
    bootstrap = dubbo.Dubbo(registry_config=RegistryConfig.from_url("zookeeper://" + server))
    client = bootstrap.create_client(ReferenceConfig(protocol="tri", service=SERVICE))
    unary = client.unary(method_name="unary")
    print("ready", flush=True)
    for line in sys.stdin:
        print(answer(unary, line.strip()), flush=True)


def scene(server):
    scene = Scene(server)
    try:
        first = scene.port("PORT-1")
        one = scene.start(server, "provide", first)
        scene.say("provider", one.says())
        scene.show(PROVIDERS)
        consumer = scene.start(server, "consume")
        scene.say("consumer", consumer.says())
        scene.say("called:", consumer.ask("world"))
        second = scene.port("PORT-2")
        two = scene.start(server, "provide", second)
        scene.say("second provider", two.says())
        scene.show(PROVIDERS)

        def who():
            return {consumer.ask("world") for _ in range(8)}

        everybody = {"hello from %d, world" % port for port in (first, second)}
        scene.reached("calls reach both", lambda: who() == everybody)
        scene.say("calls reach both")
        one.kill()
        scene.reached("its session ends", lambda: len(scene.children(PROVIDERS)) == 1)
        scene.show(PROVIDERS)
        scene.reached("only the second", lambda: who() == {"hello from %d, world" % second})
        scene.say("calls reach the second only")
        consumer.end()
        two.kill()
        scene.reached("no provider", lambda: not scene.children(PROVIDERS))
        scene.show(PROVIDERS)
    finally:
        scene.end()


if __name__ == "__main__":
    if len(sys.argv) == 2:
        scene(sys.argv[1])
    elif sys.argv[2] == "provide":
        provide(sys.argv[1], int(sys.argv[3]))
    else:
        consume(sys.argv[1])
