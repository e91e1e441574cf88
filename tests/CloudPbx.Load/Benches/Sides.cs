using CloudPbx.Contracts.Ids;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CloudPbx.Load.Generators;
using CloudPbx.Load.Measuring;
using CloudPbx.Load.Peers;
using CloudPbx.Load.Product;
using CloudPbx.Load.Sockets;

namespace CloudPbx.Load.Benches;

/// <summary>The two sides of each comparison, started and with their load attached.</summary>
internal static class Sides
{
    private static readonly Action<string> s_progress = text => Console.Error.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {text}");

    public static async Task<ISubject> EdgeAsync(CancellationToken cancel) => await EdgeAlone.StartAsync(cancel);

    public static async Task<ISubject> RefusingEdgeAsync(CancellationToken cancel) => await EdgeAlone.StartAsync(cancel, isOverloaded: true);

    public static async Task<ISubject> ForwardingKamailioAsync(CancellationToken cancel)
    {
        Kamailio kamailio = await Kamailio.StartAsync("kamailio-stateless.cfg", [], cancel);
        UdpAnswerer phone = kamailio.Owning(new UdpAnswerer());
        kamailio.Load = kamailio.Owning(new ForwardLoad(kamailio.Address, $"sip:bob000001@127.0.0.1:{phone.Port}", EdgeAlone.Domain)).RunAsync;
        return kamailio;
    }

    public static async Task<ISubject> RegisteringProductAsync(CancellationToken cancel)
    {
        ClusterProduct product = await ClusterProduct.StartAsync(s_progress, cancel);
        RegisterLoad load = new(product.Udp);
        return new ClusterSubject(product, load.RunAsync, load);
    }

    public static async Task<ISubject> RegistrarKamailioAsync(CancellationToken cancel)
    {
        Kamailio kamailio = await Kamailio.StartAsync("kamailio-registrar.cfg", [("PASSWORD", Phonebook.Password)], cancel);
        kamailio.Load = kamailio.Owning(new RegisterLoad(kamailio.Address)).RunAsync;
        return kamailio;
    }

    public static async Task<ISubject> StreamRegisteringProductAsync(bool tls, CancellationToken cancel)
    {
        ClusterProduct product = await ClusterProduct.StartAsync(s_progress, cancel);
        StreamRegisterLoad load = await StreamRegisterLoad.ConnectAsync(tls ? product.TlsPort : product.SipPort, tls ? Phonebook.DomainOf(0) : null);
        return new ClusterSubject(product, load.RunAsync, load);
    }

    public static async Task<ISubject> StreamRegistrarKamailioAsync(bool tls, CancellationToken cancel)
    {
        string folder = Directory.CreateTempSubdirectory("pbx-bench-").FullName;
        if (tls)
        {
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);       // the same kind as the product's own
            using X509Certificate2 certificate = new CertificateRequest("CN=bench.test", key, HashAlgorithmName.SHA256)
                .CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
            await File.WriteAllTextAsync(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem(), cancel);
            await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem(), cancel);
            await File.WriteAllTextAsync(Path.Combine(folder, "tls.cfg"), Embedded.Text("kamailio-tls.cfg").Replace("FOLDER", folder, StringComparison.Ordinal), cancel);
        }
        List<(string, string)> replacements = [("PASSWORD", Phonebook.Password), ("TLSCFG", Path.Combine(folder, "tls.cfg"))];
        if (tls)
            replacements.Add(("#!KAMAILIO", "#!KAMAILIO\n#!define WITH_TLS"));
        Kamailio kamailio = await Kamailio.StartAsync("kamailio-registrar.cfg", replacements, cancel);
        kamailio.Owning(new TemporaryFolder(folder));
        StreamRegisterLoad load = await StreamRegisterLoad.ConnectAsync(tls ? kamailio.TlsPort : kamailio.Port, tls ? "bench.test" : null);
        kamailio.Load = kamailio.Owning(load).RunAsync;
        return kamailio;
    }

    public static async Task<ISubject> CallingProductAsync(CancellationToken cancel)
    {
        ClusterProduct product = await ClusterProduct.StartAsync(s_progress, cancel);
        CallLoad load = new(product.Udp, direct: false);
        s_progress("registering the called phones");
        await load.RegisterAsync(cancel);
        return new ClusterSubject(product, load.RunAsync, load);
    }

    public static async Task<ISubject> TrunkCallingProductAsync(CancellationToken cancel)
    {
        ClusterProduct product = await ClusterProduct.StartAsync(s_progress, cancel);
        CallLoad load = new(product.Udp, direct: false, outside: true);
        for (int tenant = 0; tenant < Phonebook.Tenants; tenant++)
            await product.ApplyAsync(Phonebook.DocumentWithTrunk(tenant, load.CalledPort), cancel);
        return new ClusterSubject(product, load.RunAsync, load);
    }

    public static async Task<ISubject> ProxyKamailioAsync(CancellationToken cancel)
    {
        Kamailio kamailio = await Kamailio.StartAsync("kamailio-stateful.cfg", [], cancel);
        kamailio.Load = kamailio.Owning(new CallLoad(kamailio.Address, direct: true)).RunAsync;
        return kamailio;
    }

    public static async Task<ISubject> MediaAsync(int calls, CancellationToken cancel, MediaTask? task = null) => await MediaAlone.StartAsync(calls, cancel, task);

    public static async Task<ISubject> ConferenceAsync(int parties, CancellationToken cancel) =>
        await MediaAlone.StartAsync(parties / 2, cancel, new MediaTask { Conference = ConferenceId.New() });

    public static async Task<ISubject> RtpengineAsync(int calls, CancellationToken cancel, MediaTask? task = null) => await Rtpengine.StartAsync(calls, cancel, task);

    public static async Task<ISubject> FloorAsync(int calls, CancellationToken cancel) => await RelayFloor.StartAsync(calls, cancel);

    private sealed class TemporaryFolder(string path) : IDisposable
    {
        public void Dispose() => Directory.Delete(path, recursive: true);
    }
}
