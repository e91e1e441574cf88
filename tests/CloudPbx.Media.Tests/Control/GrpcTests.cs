using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CloudPbx.Hosting;
using CloudPbx.Media.Control;
using CloudPbx.MediaControl;
using CloudPbx.MediaControl.Wire;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudPbx.Media.Tests.Control;

/// <summary>What is different where media control goes by gRPC (infra/decisions/0018): statuses, ends of one direction, certificates, and programs that we did not write.</summary>
public sealed class GrpcTests : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private const string PythonGrpc = "/usr/lib/python3/dist-packages/grpc";
    private const string Protoc = "/usr/bin/protoc";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly string _folder = Directory.CreateTempSubdirectory("cloudpbx-grpc-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_client_in_another_language_makes_a_leg_and_removes_it()
    {
        Assert.SkipUnless(Directory.Exists(PythonGrpc) && File.Exists(Protoc), "python3-grpcio and protobuf-compiler are not installed: ./pbx test installs them when it runs as root");
        await using TestNode node = await TestNode.StartAsync(Carriage.Grpc);
        string proto = Path.Combine(RepositoryRoot(), "libs/CloudPbx.MediaControl");
        await RunAsync(Protoc, $"--python_out={_folder}", $"--proto_path={proto}", "media_control.proto");
        string said = await RunAsync(Python, Path.Combine(RepositoryRoot(), "tests/CloudPbx.Media.Tests/Control/GrpcClient.py"), node.Address.Authority, _folder);
        Assert.StartsWith($"instance {node.Node.Instance}\nv=0", said, StringComparison.Ordinal);
        Assert.Matches(@"m=audio 2\d{4} RTP/AVP 8 101", said);
        Assert.EndsWith("removed 2 statistics\nended OK\n", said, StringComparison.Ordinal);
        Assert.Equal(0, node.Node.SessionCount);
    }

    [Fact]
    public async Task Who_has_said_all_gets_the_answers_and_then_the_end()
    {
        await using TestNode node = await TestNode.StartAsync(Carriage.Grpc);
        using GrpcChannel channel = GrpcChannel.ForAddress(node.Address);
        using AsyncDuplexStreamingCall<Command, Event> call = Call(channel);
        var leg = new Leg { Session = TestNode.NewCall().ToString(), Number = 1 };
        Command[] commands =
        [
            new() { Correlation = 1, Hello = new Hello { Controller = "once" } },
            new() { Correlation = 2, Offer = new Offer { Leg = leg, Policy = new Policy { Codecs = { "PCMA" } } } },
            new() { Correlation = 3, Remove = new Remove { Leg = leg } },           // answered later: the loop knows the figures
        ];
        foreach (Command command in commands)
            await call.RequestStream.WriteAsync(command, Cancel);
        await call.RequestStream.CompleteAsync();
        List<ulong> answers = [];
        while (await call.ResponseStream.MoveNext(Cancel))
            answers.Add(call.ResponseStream.Current.Correlation);
        Assert.Equal([1, 2, 3], answers);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Who_begins_with_neither_hello_nor_upload_is_told_so()
    {
        await using TestNode node = await TestNode.StartAsync(Carriage.Grpc);
        using GrpcChannel channel = GrpcChannel.ForAddress(node.Address);
        using AsyncDuplexStreamingCall<Command, Event> call = Call(channel);
        await call.RequestStream.WriteAsync(new Command { Correlation = 1, Ping = new Ping() }, Cancel);
        RpcException fault = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancel).WaitAsync(s_patience, Cancel));
        Assert.Equal(StatusCode.FailedPrecondition, fault.StatusCode);
        Assert.Contains("Hello", fault.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(AttachOutcome.Unknown, await node.Client.AttachAsync(TestNode.NewCall(), Cancel));       // the others are served
    }

    [Fact]
    public async Task What_is_no_command_ends_the_call()
    {
        await using TestNode node = await TestNode.StartAsync(Carriage.Grpc);
        using GrpcChannel channel = GrpcChannel.ForAddress(node.Address);
        var method = new Method<byte[], byte[]>(
            MethodType.DuplexStreaming, "cloudpbx.media.v1.MediaControl", "Control", Marshallers.Create(static octets => octets, static octets => octets), Marshallers.Create(static octets => octets, static octets => octets));
        using AsyncDuplexStreamingCall<byte[], byte[]> call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(method, null, new CallOptions(cancellationToken: Cancel));
        await call.RequestStream.WriteAsync(new Command { Correlation = 1, Hello = new Hello { Controller = "garbled" } }.ToByteArray(), Cancel);
        Assert.True(await call.ResponseStream.MoveNext(Cancel));
        await call.RequestStream.WriteAsync([0xFF, 0xFF, 0xFF, 0xFF, 0xFF], Cancel);
        RpcException fault = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancel).WaitAsync(s_patience, Cancel));
        Assert.Equal(StatusCode.Aborted, fault.StatusCode);
    }

    [Fact]
    public async Task A_second_call_of_the_same_controller_takes_the_place_of_the_first()
    {
        await using TestNode node = await TestNode.StartAsync(Carriage.Grpc);
        using GrpcChannel channel = GrpcChannel.ForAddress(node.Address);
        using AsyncDuplexStreamingCall<Command, Event> first = Call(channel), second = Call(channel);
        var hello = new Command { Correlation = 1, Hello = new Hello { Controller = "twice" } };
        foreach (AsyncDuplexStreamingCall<Command, Event> call in (AsyncDuplexStreamingCall<Command, Event>[])[first, second])
        {
            await call.RequestStream.WriteAsync(hello, Cancel);
            Assert.True(await call.ResponseStream.MoveNext(Cancel));
        }
        RpcException fault = await Assert.ThrowsAsync<RpcException>(() => first.ResponseStream.MoveNext(Cancel).WaitAsync(s_patience, Cancel));
        Assert.Equal(StatusCode.Aborted, fault.StatusCode);
    }

    [Fact]
    public async Task A_peer_that_never_reads_ends_the_call_once_too_much_waits()
    {
        var writer = new StuckWriter();
        await using var link = new GrpcControlLink<Command, Event>(new NothingComes(), writer, TimeSpan.Zero);
        Task<bool> receiving = link.ReceiveAsync(Command.Parser, _ => { });
        var report = new Event { Description = new Description { LocalSdp = new string('v', 1024 * 1024 - 100) } };
        int taken = 0;
        while (link.TrySend(report))
            Assert.InRange(++taken, 1, 16);
        Assert.False(link.IsOpen);
        Assert.False(await receiving.WaitAsync(s_patience, Cancel));
        Assert.Equal((16, false), (taken, link.WasSilent));
    }

    [Fact]
    public async Task A_peer_that_says_nothing_ends_the_call()
    {
        await using var link = new GrpcControlLink<Command, Event>(new NothingComes(), new StuckWriter(), TimeSpan.FromMilliseconds(50));
        Assert.False(await link.ReceiveAsync(Command.Parser, _ => { }).WaitAsync(s_patience, Cancel));
        Assert.Equal((true, false), (link.WasSilent, link.IsOpen));
    }

    [Fact]
    public async Task Over_TLS_each_side_may_ask_for_the_others_certificate()
    {
        string server = WriteCertificate("server", "127.0.0.1"), worker = WriteCertificate("worker", "worker");
        await using TestNode node = await TestNode.StartAsync(
            null, null, ("Grpc", "https://127.0.0.1:0"), ("GrpcCertificatePath", server), ("GrpcKeyPath", server), ("GrpcAuthoritiesPath", worker), ("Client:AuthoritiesPath", server), ("Client:CertificatePath", worker));
        Assert.StartsWith("https://", node.Address.OriginalString, StringComparison.Ordinal);
        Assert.True((await node.Client.OfferAsync(new LegId(TestNode.NewCall(), 1), TestCall.Policy(), null, Cancel)).Accepted);

        await AssertRefusedAsync(node.Address, new ClientTlsOptions { AuthoritiesPath = server });                              // shows none
        await AssertRefusedAsync(node.Address, new ClientTlsOptions { AuthoritiesPath = server, CertificatePath = server });     // another's
        await AssertRefusedAsync(node.Address, new ClientTlsOptions { CertificatePath = worker });                              // trusts the system's authorities only
        await AssertRefusedAsync(new Uri($"http://{node.Address.Authority}"), null);                                            // in clear
    }

    [Fact]
    public async Task A_renewed_certificate_counts_from_the_next_connection_on()
    {
        string server = WriteCertificate("server", "127.0.0.1"), former = Path.Combine(_folder, "former.pem");
        File.Copy(server, former);
        await using TestNode node = await TestNode.StartAsync(null, null, ("Grpc", "https://127.0.0.1:0"), ("GrpcCertificatePath", server), ("Client:AuthoritiesPath", server));
        WriteCertificate("server", "127.0.0.1");
        File.SetLastWriteTimeUtc(server, DateTime.UtcNow.AddSeconds(2));
        await AssertRefusedAsync(node.Address, new ClientTlsOptions { AuthoritiesPath = former });
        await using MediaControlClient next = NewClient(node.Address, new ClientTlsOptions { AuthoritiesPath = server });
        next.Start();
        await next.WaitForConnectionAsync(Cancel).WaitAsync(s_patience, Cancel);
    }

    [Fact]
    public async Task A_port_that_is_taken_and_files_that_cannot_be_read_are_told_in_one_sentence()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        string address = $"http://{taken.LocalEndPoint}";
        IOException fault = await Assert.ThrowsAsync<IOException>(() => TestNode.StartAsync(null, null, ("Grpc", address)));
        Assert.StartsWith($"Failed to bind to address {address}: ", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith(". Set Media:Grpc to another one.", fault.Message, StringComparison.Ordinal);

        string nonsense = Path.Combine(_folder, "nonsense.pem");
        await File.WriteAllTextAsync(nonsense, "no certificate", Cancel);
        fault = await Assert.ThrowsAsync<IOException>(() => TestNode.StartAsync(null, null, ("Grpc", "https://127.0.0.1:0"), ("GrpcCertificatePath", nonsense)));
        Assert.StartsWith($"The certificate {nonsense} cannot be read: ", fault.Message, StringComparison.Ordinal);
        string server = WriteCertificate("server", "127.0.0.1");
        fault = await Assert.ThrowsAsync<IOException>(() => TestNode.StartAsync(null, null, ("Grpc", "https://127.0.0.1:0"), ("GrpcCertificatePath", server), ("GrpcAuthoritiesPath", nonsense)));
        Assert.StartsWith($"The authorities {nonsense} cannot be read: ", fault.Message, StringComparison.Ordinal);
    }

    private static AsyncDuplexStreamingCall<Command, Event> Call(GrpcChannel channel) => new MediaControl.Wire.MediaControl.MediaControlClient(channel).Control(cancellationToken: Cancel);

    private static MediaControlClient NewClient(Uri node, ClientTlsOptions? tls, ILogger<MediaControlClient>? log = null) => new(
        new MediaControlClientOptions { Node = node, Tls = tls is null ? null : tls.Read }, new TestNode.NoEvents(), TimeProvider.System, log ?? NullLogger<MediaControlClient>.Instance);

    private static async Task AssertRefusedAsync(Uri node, ClientTlsOptions? tls)
    {
        var log = new Refusals();
        await using MediaControlClient client = NewClient(node, tls, log);
        client.Start();
        Assert.StartsWith($"Media node {node} does not take our connections: ", await log.First.WaitAsync(s_patience, Cancel), StringComparison.Ordinal);
        Assert.False(client.IsConnected);
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> said = process.StandardOutput.ReadToEndAsync(Cancel), complained = process.StandardError.ReadToEndAsync(Cancel);
        try
        {
            await process.WaitForExitAsync(Cancel).WaitAsync(s_patience, Cancel);
        }
        catch (TimeoutException)
        {
            process.Kill();
        }
        Assert.True(process.ExitCode == 0, await complained);
        return (await said).ReplaceLineEndings("\n");
    }

    private static string RepositoryRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "CloudPbx.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    /// <summary>A certificate that signs itself, with its key in the same file.</summary>
    private string WriteCertificate(string name, string host)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name} {Guid.NewGuid():N}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host, out IPAddress? address))
            names.AddIpAddress(address);
        else
            names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        string path = Path.Combine(_folder, name + ".pem");
        File.WriteAllText(path, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        return path;
    }

    private sealed class Refusals : ILogger<MediaControlClient>
    {
        private readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> First => _first.Task;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _first.TrySetResult(formatter(state, exception));
    }

    private sealed class NothingComes : IAsyncStreamReader<Command>
    {
        public Command Current => throw new InvalidOperationException();

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return false;
        }
    }

    private sealed class StuckWriter : IAsyncStreamWriter<Event>
    {
        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(Event message) => WriteAsync(message, CancellationToken.None);

        public Task WriteAsync(Event message, CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
