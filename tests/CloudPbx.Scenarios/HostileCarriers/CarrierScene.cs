using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Sdp;
using CloudPbx.Sip.Transport;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>What a scripted carrier's scenario begins with: a company with a number, a trunk to the carrier (or several, in their order), and Alice, whose phone is extension 100.</summary>
internal sealed class CarrierScene : IAsyncDisposable
{
    /// <summary>Whom Alice calls.</summary>
    public const string Callee = "+4989222333";

    public const string Secret = "the carrier's";

    private static int s_count;

    private CarrierScene(ProductFixture fixture, Company company, HostileCarrier[] carriers, string number, Phone alice) =>
        (Fixture, Company, Carriers, Number, Alice) = (fixture, company, carriers, number, alice);

    public ProductFixture Fixture { get; }

    public Company Company { get; }

    public IReadOnlyList<HostileCarrier> Carriers { get; }

    public HostileCarrier Carrier => Carriers[0];

    /// <summary>The company's number, which Alice's phone rings for.</summary>
    public string Number { get; }

    /// <summary>Another number of the company, of extension 101.</summary>
    public string OtherNumber => Number + "1";

    public Phone Alice { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Sets the scene.</summary>
    /// <param name="fixture">The product.</param>
    /// <param name="changes">How the trunks' profile differs from the generic one: a JSON object.</param>
    /// <param name="trunk">What else is particular about a trunk: its document and its place, 0 is the first.</param>
    /// <param name="carriers">How many carriers, each with its trunk.</param>
    /// <param name="certificate">What the carriers show to who connects by TLS.</param>
    /// <param name="registered">Whether the trunks register a line with the account <c>acct</c>; otherwise they are known by their addresses.</param>
    /// <param name="company">A company that is there already.</param>
    /// <param name="takesConnections">Whether the carriers have TCP.</param>
    /// <param name="protocols">What they take in ALPN; null: they know none.</param>
    /// <param name="at">The address of the only carrier; null: one of those that scripted carriers have.</param>
    public static async Task<CarrierScene> SetAsync(
        ProductFixture fixture, string changes = "{}", Action<JsonObject, int>? trunk = null, int carriers = 1, X509Certificate2? certificate = null, bool registered = false, Company? company = null,
        bool takesConnections = true, IReadOnlyList<SslApplicationProtocol>? protocols = null, IPAddress? at = null)
    {
        int scene = Interlocked.Increment(ref s_count);
        IPEndPoint pbx = new(at?.AddressFamily == AddressFamily.InterNetworkV6 ? at : IPAddress.Parse(fixture.Pbx.Host), fixture.Pbx.SipPort);
        // Where lines are registered no trunk is known by its address, ever: what one company says of an address would count for the others.
        HostileCarrier[] opened = [.. Enumerable.Range(0, carriers).Select(i =>
            HostileCarrier.Listen(at ?? IPAddress.Parse($"127.0.0.{(registered ? 98 + ((scene + i) % 2) : 80 + ((scene + (9 * i)) % 18))}"), pbx, certificate, 0, takesConnections, protocols))];
        string number = string.Create(CultureInfo.InvariantCulture, $"+49320{scene:D3}");
        company ??= await Company.FoundAsync(fixture.Pbx, Cancel);
        JsonObject[] trunks = [.. opened.Select((carrier, i) => Trunk($"carrier{i}", carrier.At, changes, registered))];
        for (int i = 0; i < trunks.Length; i++)
            trunk?.Invoke(trunks[i], i);
        JsonObject document = JsonNode.Parse((await fixture.Pbx.Api.GetAsync($"tenants/{company.Name}/document", Cancel)).GetRawText())!.AsObject();
        document["trunks"] = new JsonArray([.. trunks]);
        document["numbers"] = new JsonArray(new JsonObject { ["number"] = number, ["extension"] = "100" }, new JsonObject { ["number"] = number + "1", ["extension"] = "101" });
        document["routes"] = new JsonArray(new JsonObject { ["name"] = "all", ["trunks"] = new JsonArray([.. trunks.Select(each => new JsonObject { ["trunk"] = each["name"]!.GetValue<string>() })]) });
        document["outside"] = new JsonObject { ["callerNumber"] = number };
        await fixture.Pbx.Api.PutAsync($"tenants/{company.Name}/document", document.ToJsonString(), Cancel);
        Phone alice = await company.RegisterAsync("100", SipTransport.Udp, SrtpPolicy.Off);
        return new CarrierScene(fixture, company, opened, number, alice);
    }

    /// <summary>Alice calls outside.</summary>
    public Task<PhoneCall> DialAsync() => Alice.DialAsync("9" + Callee);

    /// <summary>Alice calls outside, and the carrier answers at once: both talk.</summary>
    /// <param name="fields">Further lines of the answer.</param>
    /// <param name="body">The carrier's session description.</param>
    public async Task<(PhoneCall Call, RawMessage Invite)> TalkAsync(string fields = "", string body = HostileCarrier.Pcmu)
    {
        PhoneCall call = await DialAsync();
        RawMessage invite = await Carrier.ExpectAsync("INVITE");
        Carrier.Answer(invite, "200 OK", fields, body);
        await Carrier.ExpectAsync("ACK");
        await AnsweredAsync(call);
        return (call, invite);
    }

    /// <summary>The carrier calls, and Alice answers at once: both talk.</summary>
    /// <param name="fields">Further lines of the carrier's INVITE.</param>
    /// <param name="body">Its offer.</param>
    public async Task<(PhoneCall Call, RawDialog Dialog, RawMessage Answer)> TakeAsync(string fields = "", string body = HostileCarrier.Pcmu)
    {
        Carrier.Invite(Number, fields, body);
        PhoneCall call = await IncomingAsync();
        Assert.True((await call.AnswerAsync()).Accepted);
        RawMessage answer = await Carrier.ExpectAsync("200 INVITE");
        RawDialog dialog = Carrier.Dialog(answer);
        dialog.Ack();
        return (call, dialog, answer);
    }

    /// <summary>Waits for the carrier's call at Alice's phone.</summary>
    public async Task<PhoneCall> IncomingAsync()
    {
        using CancellationTokenSource deadline = new(Deadlines.Signalling);
        try
        {
            return await Alice.IncomingAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new CarrierException($"Alice's phone does not ring.{Environment.NewLine}{Carrier.Trace}");
        }
    }

    /// <summary>Waits until a call of Alice's is answered.</summary>
    public async Task AnsweredAsync(PhoneCall call)
    {
        CallAnswer answer = await call.Answered.WaitAsync(Deadlines.Signalling);
        Assert.True(answer.Accepted, $"{answer.StatusCode}{Environment.NewLine}{Carrier.Trace}");
    }

    /// <summary>Waits until a call of Alice's is over, and says how.</summary>
    public static Task<CallEnd> EndedAsync(PhoneCall call) => call.Ended.WaitAsync(Deadlines.Signalling);

    /// <summary>Waits until Alice's phone has heard just these keys since the call began.</summary>
    public static async Task KeysAsync(PhoneCall call, string keys)
    {
        try
        {
            await call.Audio.WaitForDigitsAsync(keys, Deadlines.Media);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"Not {keys}, but {call.Audio.Digits}: {call.Audio.Figures}");
        }
    }

    /// <summary>Alice hangs up, and the carrier agrees.</summary>
    public async Task HangUpAsync(PhoneCall call)
    {
        await call.HangUpAsync();
        Carrier.Answer(await Carrier.ExpectAsync("BYE"), "200 OK");
    }

    /// <summary>The call records, once there are so many: the newest.</summary>
    public Task<JsonElement> RecordAsync(int count = 1) => Company.RecordAsync(count, Cancel);

    /// <summary>Waits until the first trunk's line knows that it is registered.</summary>
    public async Task<JsonElement> RegisteredAsync()
    {
        long end = Environment.TickCount64 + (long)Deadlines.Signalling.TotalMilliseconds;
        while (true)
        {
            JsonElement line = (await TrunkAsync()).GetProperty("lines")[0];      // the API tells it when it is asked only
            if (line.TryGetProperty("registeredSince", out JsonElement since) && since.ValueKind == JsonValueKind.String)
                return line;
            Assert.True(Environment.TickCount64 < end, Carrier.Trace);
        }
    }

    /// <summary>How a trunk stands.</summary>
    public async Task<JsonElement> TrunkAsync(int trunk = 0) => await Fixture.Pbx.Api.GetAsync($"tenants/{Company.Name}/trunks/carrier{trunk}/status", Cancel);

    public async ValueTask DisposeAsync()
    {
        await Company.DisposeAsync();
        foreach (HostileCarrier carrier in Carriers)
            await carrier.DisposeAsync();
    }

    private static JsonObject Trunk(string name, IPEndPoint at, string changes, bool registered)
    {
        JsonObject differs = JsonNode.Parse(changes)!.AsObject();
        if (!differs.ContainsKey("optionsKeepAlive"))
            differs["optionsKeepAlive"] = false;                  // who wants to be asked says so
        return new JsonObject
        {
            ["name"] = name,
            ["kind"] = registered ? "registered" : "ip",
            ["server"] = new JsonObject { ["host"] = at.Address.ToString(), ["port"] = at.Port, ["transport"] = "udp" },
            ["accounts"] = new JsonArray(new JsonObject { ["user"] = "acct", ["password"] = Secret }),
            ["sources"] = registered ? [] : new JsonArray(at.Address.ToString()),
            ["changes"] = differs,
        };
    }
}
