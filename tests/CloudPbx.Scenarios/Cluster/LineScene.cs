using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Sdp;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;
using CloudPbx.Softphone;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Carriers;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.Scenarios.Cluster;

/// <summary>Two lines that are registered at Kamailio, a tenant's own and one of a trunk of the platform, and whom they call.</summary>
internal sealed class LineScene : IAsyncDisposable
{
    private const string Password = "what-the-carrier-gave", SharedTrunk = "shared-line", OwnTrunk = "own-line", SharedAccount = "line-1", OwnAccount = "line-2";

    private readonly RunningCluster _pbx;
    private readonly HostileCarrier _network;
    private readonly Kamailio _registrar;

    private LineScene(RunningCluster pbx, HostileCarrier network, Kamailio registrar, IReadOnlyList<Line> lines) => (_pbx, _network, _registrar, Lines) = (pbx, network, registrar, lines);

    public IReadOnlyList<Line> Lines { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Has Kamailio run, the lines registered there, and a phone of each company here.</summary>
    public static async Task<LineScene> StartAsync(RunningCluster pbx)
    {
        Tools.Require("kamailio");
        IPEndPoint at = new(IPAddress.Parse("127.0.0.63"), FreePort.Udp());
        HostileCarrier network = HostileCarrier.Listen(IPAddress.Parse("127.0.0.64"), at);
        Kamailio registrar = await Kamailio.StartAsync(at, network.At, Password, Cancel);
        await pbx.Api.PostAsync("platform/trunks", Trunk(SharedTrunk, SharedAccount, at).ToJsonString(), Cancel);
        Company owner = await Company.FoundAsync(pbx, Cancel), sharer = await Company.FoundAsync(pbx, Cancel);
        Line own = new(owner, $"tenants/{owner.Name}/trunks/{OwnTrunk}/status", OwnAccount, "+49350001"), shared = new(sharer, $"platform/trunks/{SharedTrunk}/status", SharedAccount, "+49350002");
        await pbx.Api.PostAsync("platform/numbers", $$"""{"number":"{{shared.Number}}","trunk":"{{SharedTrunk}}","tenant":"{{sharer.Name}}"}""", Cancel);
        LineScene scene = new(pbx, network, registrar, [own, shared]);
        await sharer.ChangeAsync(document => document["numbers"]![0]!["extension"] = "100", Cancel);
        await owner.ChangeAsync(
            document =>
            {
                document["trunks"] = new JsonArray(Trunk(OwnTrunk, OwnAccount, at));
                document["numbers"] = new JsonArray(new JsonObject { ["number"] = own.Number, ["trunk"] = OwnTrunk, ["extension"] = "100" });
            },
            Cancel);
        await scene.PhonesAtAsync(pbx.SipPort);
        return scene;
    }

    /// <summary>Has a new phone of each company register at an edge; the former ones are forgotten.</summary>
    /// <param name="port">The edge's port, by UDP.</param>
    public async Task PhonesAtAsync(int port)
    {
        foreach (Line line in Lines)
            line.Phone = await line.Company.RegisterAsync(line.Company.Account("100", SipTransport.Udp, SrtpPolicy.Off) with { Server = new IPEndPoint(IPAddress.Parse(_pbx.Host), port) });
    }

    /// <summary>Each line has one binding at Kamailio, and a call that comes by it reaches its phone.</summary>
    /// <param name="when">What has happened before, for a failure's message.</param>
    /// <returns>The port of the edge by which each was called.</returns>
    public async Task<IReadOnlyList<int>> OneLiveRegistrationAsync(string when)
    {
        List<int> edges = [];
        foreach (Line line in Lines)
        {
            await _pbx.EventuallyAsync(async _ => await RegisteredSinceAsync(line) is not null, $"{line.Account} is registered {when}", Cancel);
            Assert.Equal((when, "200 1"), (when, await Kamailio.BindingsAsync(_network, line.Account)));
            await _pbx.EventuallyAsync(async _ => (await line.Phone!.RegisterAsync()).IsRegistered, $"the phone of {line.Account} is back {when}", Cancel);

            string call = $"{line.Account}-{Guid.NewGuid():N}";
            _network.Invite(line.Number, $"X-Line: {line.Account}", call: call);
            PhoneCall incoming = await line.Phone!.IncomingAsync(Cancel).AsTask().WaitAsync(Deadlines.Takeover);
            Assert.True((await incoming.AnswerAsync()).Accepted);
            RawMessage answer = await _network.ExpectAsync("200 INVITE");
            Assert.StartsWith(call, answer["Call-ID"], StringComparison.Ordinal);
            Assert.True(NameAddress.TryParse(answer["Contact"]!, out NameAddress? contact), answer["Contact"]);
            edges.Add(Assert.NotNull(contact.Uri.Port));
            RawDialog dialog = _network.Dialog(answer);
            dialog.Ack();
            dialog.Send("BYE");
            await _network.ExpectAsync("200 BYE");
            await incoming.Ended.WaitAsync(Deadlines.Signalling);
            Assert.Equal((when, "200 1"), (when, await Kamailio.BindingsAsync(_network, line.Account)));
        }
        return edges;
    }

    /// <summary>Since when a line is registered without a gap; null while it is not.</summary>
    public async Task<DateTime?> RegisteredSinceAsync(Line line)
    {
        JsonElement status = Assert.Single((await _pbx.Api.GetAsync(line.Status, Cancel)).GetProperty("lines").EnumerateArray());
        return status.TryGetProperty("registeredSince", out JsonElement since) && since.ValueKind == JsonValueKind.String ? since.GetDateTime() : null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (Line line in Lines)
            await line.Company.DisposeAsync();
        await _registrar.DisposeAsync();
        await _network.DisposeAsync();
    }

    private static JsonObject Trunk(string name, string account, IPEndPoint at) => new()
    {
        ["name"] = name,
        ["kind"] = "registered",
        ["server"] = new JsonObject { ["host"] = at.Address.ToString(), ["port"] = at.Port, ["transport"] = "udp" },
        ["accounts"] = new JsonArray(new JsonObject { ["user"] = account, ["password"] = Password }),
        ["changes"] = new JsonObject { ["optionsKeepAlive"] = false },
    };

    /// <summary>A line, and whom it calls.</summary>
    /// <param name="Company">Whose phone rings.</param>
    /// <param name="Status">Where the API says how its trunk stands.</param>
    /// <param name="Account">Its account at Kamailio.</param>
    /// <param name="Number">The company's number.</param>
    internal sealed record Line(Company Company, string Status, string Account, string Number)
    {
        /// <summary>The phone.</summary>
        public Phone? Phone { get; set; }
    }
}
