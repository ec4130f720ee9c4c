import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.x.discovery.ServiceCache;
import org.apache.curator.x.discovery.ServiceDiscovery;
import org.apache.curator.x.discovery.ServiceDiscoveryBuilder;
import org.apache.curator.x.discovery.ServiceInstance;
import org.apache.curator.x.discovery.ServiceProvider;
import org.apache.curator.x.discovery.ServiceType;
import org.apache.curator.x.discovery.UriSpec;
import org.apache.curator.x.discovery.details.ServiceCacheListener;
import org.apache.curator.x.discovery.strategies.RoundRobinStrategy;
import org.apache.curator.x.discovery.strategies.StickyStrategy;

/** Curator's service discovery: register, look up, be told. */
final class Discovery {
    static void addTo(Map<String, Probe.Part> parts) {
        parts.put("discovery", Discovery::registry);
        parts.put("discovery-provider", Discovery::provider);
        parts.put("discovery-cache", Discovery::cache);
    }

    private static ServiceInstance<String> instance(String name, int number) throws Exception {
        return ServiceInstance.<String>builder().name(name).id(name + "-" + number)
            .address("10.0.0." + number).port(8_000 + number).payload("payload " + number)
            .uriSpec(new UriSpec("{scheme}://{address}:{port}")).serviceType(ServiceType.DYNAMIC)
            .registrationTimeUTC(0).build();
    }

    private static ServiceDiscovery<String> discovery(Stage stage) throws Exception {
        ServiceDiscovery<String> discovery = stage.closing(
            ServiceDiscoveryBuilder.builder(String.class).client(stage.curator())
                .basePath(stage.root).build());
        discovery.start();
        return discovery;
    }

    private static Collection<String> show(Collection<ServiceInstance<String>> instances) {
        Collection<String> all = new TreeSet<>();
        instances.forEach(one -> all.add(
            one.getId() + "@" + one.buildUriSpec() + " " + one.getPayload()));
        return all;
    }

    private static void registry(Stage stage) throws Exception {
        ServiceDiscovery<String> writer = discovery(stage);
        ServiceDiscovery<String> reader = discovery(stage);
        for (int i = 1; i <= 3; i++) {
            writer.registerService(instance("mail", i));
        }
        writer.registerService(instance("web", 1));
        stage.say(new TreeSet<>(reader.queryForNames()));
        stage.say(show(reader.queryForInstances("mail")));
        stage.say("one", reader.queryForInstance("mail", "mail-2").getPort());
        stage.say("none", reader.queryForInstance("mail", "mail-9"));
        writer.updateService(ServiceInstance.<String>builder().name("mail").id("mail-2")
            .address("10.0.0.2").port(9_002).payload("new").registrationTimeUTC(0).build());
        stage.say("updated", reader.queryForInstance("mail", "mail-2").getPort());
        writer.unregisterService(instance("mail", 1));
        stage.say(new TreeSet<>(ids(reader.queryForInstances("mail"))));
        CuratorFramework client = stage.curator();
        stage.say("owner", client.checkExists().forPath(stage.root + "/mail/mail-2")
            .getEphemeralOwner() != 0);
        writer.close();
        stage.say("after close", reader.queryForInstances("mail").size());
    }

    private static List<String> ids(Collection<ServiceInstance<String>> instances) {
        List<String> all = new ArrayList<>();
        instances.forEach(one -> all.add(one.getId()));
        return all;
    }

    private static void provider(Stage stage) throws Exception {
        ServiceDiscovery<String> writer = discovery(stage);
        for (int i = 1; i <= 3; i++) {
            writer.registerService(instance("web", i));
        }
        ServiceDiscovery<String> reader = discovery(stage);
        ServiceProvider<String> turns = stage.closing(reader.serviceProviderBuilder()
            .serviceName("web").providerStrategy(new RoundRobinStrategy<>()).build());
        turns.start();
        Map<String, Integer> counts = new TreeMap<>();
        for (int i = 0; i < 30; i++) {
            counts.merge(turns.getInstance().getId(), 1, Integer::sum);
        }
        stage.say("round robin", counts);
        ServiceProvider<String> sticky = stage.closing(reader.serviceProviderBuilder()
            .serviceName("web").providerStrategy(new StickyStrategy<>(new RoundRobinStrategy<>()))
            .build());
        sticky.start();
        TreeSet<String> chosen = new TreeSet<>();
        for (int i = 0; i < 10; i++) {
            chosen.add(sticky.getInstance().getId());
        }
        stage.say("sticky", chosen.size());
        writer.unregisterService(instance("web", 2));
        Stage.until("two are left", () -> turns.getAllInstances().size() == 2);
        stage.say(new TreeSet<>(ids(turns.getAllInstances())));
    }

    private static void cache(Stage stage) throws Exception {
        ServiceDiscovery<String> writer = discovery(stage);
        ServiceCache<String> cache = stage.closing(
            discovery(stage).serviceCacheBuilder().name("db").build());
        Seen seen = new Seen();
        cache.addListener(new ServiceCacheListener() {
            @Override
            public void cacheChanged() {
                seen.add("changed to " + new TreeSet<>(ids(cache.getInstances())));
            }

            @Override
            public void stateChanged(CuratorFramework client, ConnectionState state) {
            }
        });
        cache.start();
        stage.say("at first", cache.getInstances().size());
        for (int i = 1; i <= 2; i++) {
            writer.registerService(instance("db", i));
            stage.say(seen.take(1));
        }
        writer.unregisterService(instance("db", 1));
        stage.say(seen.take(1));
        stage.say(show(cache.getInstances()));
    }

    private Discovery() {
    }
}
