using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CloudPbx.Audio.Tones;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Sip.Transport;
using CloudPbx.Softphone;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Scenarios.RealPhones;

/// <summary>Calls over trunks: sipp is the carrier, at addresses of its own, so that the phones of this machine are not taken for it.</summary>
[Collection(RealPhonesGroup.Name)]
public sealed class CarrierScenarios(ProductFixture fixture)
{
    private const string Secret = "the carrier's";

    private static readonly TimeSpan s_talk = TimeSpan.FromSeconds(3);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_leaves_by_the_carrier_that_has_a_line_answers_its_challenge_and_is_recorded()
    {
        IPEndPoint full = new(IPAddress.Parse("127.0.0.71"), FreePort.Udp()), free = new(IPAddress.Parse("127.0.0.72"), FreePort.Udp());
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        await ConfigureAsync(company, [Trunk("full", full), Trunk("free", free)], "+49301000");
        await using Sipp busy = await Sipp.BusyCarrierAsync(Account("acct"), full, Cancel);
        await using Sipp carrier = await Sipp.CarrierAsync(Account("acct"), free, Cancel);
        Phone alice = await company.RegisterAsync("100");

        PhoneCall call = await alice.DialAsync("9+4989222333");
        await carrier.KnownAsync(Cancel);
        Assert.True((await call.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
        call.Play(new Tone(440));
        await call.Audio.WaitForToneAsync(440, Deadlines.Media);                // the carrier gives her voice back
        await call.HangUpAsync();
        await carrier.EndedAsync(Cancel);

        SippOutcome refused = await busy.FinishedAsync(TimeSpan.Zero, Cancel), taken = await carrier.FinishedAsync(TimeSpan.Zero, Cancel);
        Assert.True(refused is { Successful: 1, Failed: 0 }, refused.Log);
        Assert.True(taken is { Successful: 1, Failed: 0 }, taken.Log);
        Assert.Contains("INVITE sip:+4989222333@127.0.0.72", taken.Log, StringComparison.Ordinal);
        Assert.Contains("+49301000", taken.Log, StringComparison.Ordinal);
        JsonElement record = await company.RecordAsync(1, Cancel);
        Assert.Equal("answered", record.GetProperty("disposition").GetString());
        Assert.Equal("outbound", record.GetProperty("direction").GetString());
    }

    [Fact]
    public async Task A_carriers_announcement_is_heard_before_the_answer()
    {
        IPEndPoint at = new(IPAddress.Parse("127.0.0.76"), FreePort.Udp());
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        await ConfigureAsync(company, [Trunk("early", at)], "+49306000");
        await using Sipp carrier = await Sipp.EarlyCarrierAsync(Account("acct") with { ToneHertz = 520 }, at, s_talk, Cancel);
        Phone alice = await company.RegisterAsync("100");

        PhoneCall call = await alice.DialAsync("9+4989222333");
        await call.Audio.WaitForToneAsync(520, Deadlines.Media);
        Assert.False(call.Answered.IsCompleted);
        Assert.True((await call.Answered.WaitAsync(Deadlines.Signalling + s_talk)).Accepted);
        await call.Audio.WaitForToneAsync(520, Deadlines.Media);
        await call.HangUpAsync();
        SippOutcome outcome = await carrier.FinishedAsync(s_talk, Cancel);
        Assert.True(outcome is { Successful: 1, Failed: 0 }, outcome.Log);
        JsonElement record = await company.RecordAsync(1, Cancel);
        Assert.Equal(("early", "+4989222333", 200), (record.GetProperty("trunkName").GetString(), record.GetProperty("trunkNumber").GetString(), record.GetProperty("trunkStatus").GetInt32()));
    }

    [Fact]
    public async Task I1_a_call_by_a_carrier_that_knows_no_PRACK_succeeds_and_the_next_one_is_without_100rel()
    {
        IPEndPoint at = new(IPAddress.Parse("127.0.0.77"), FreePort.Udp());
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        await ConfigureAsync(company, [Trunk("learns", at)], "+49307000");
        Phone alice = await company.RegisterAsync("100");
        await using (Sipp carrier = await Sipp.CarrierWithoutPrackAsync(Account("acct"), at, Cancel))
        {
            PhoneCall call = await alice.DialAsync("9+4989222333");
            Assert.True((await call.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
            call.Play(new Tone(440));
            await call.Audio.WaitForToneAsync(440, Deadlines.Media);
            await call.HangUpAsync();
            SippOutcome outcome = await carrier.FinishedAsync(TimeSpan.Zero, Cancel);
            Assert.True(outcome is { Successful: 1, Failed: 0 }, outcome.Log);
            Assert.Contains("100rel", InviteIn(outcome.Log), StringComparison.Ordinal);
        }
        await using (Sipp carrier = await Sipp.CarrierAsync(Account("acct"), at, Cancel))
        {
            PhoneCall call = await alice.DialAsync("9+4989222333");
            Assert.True((await call.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
            await call.HangUpAsync();
            SippOutcome outcome = await carrier.FinishedAsync(TimeSpan.Zero, Cancel);
            Assert.True(outcome is { Successful: 1, Failed: 0 }, outcome.Log);
            Assert.DoesNotContain("100rel", InviteIn(outcome.Log), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_carrier_that_two_tenants_share_reaches_the_extension_of_the_called_number()
    {
        IPEndPoint at = new(IPAddress.Parse("127.0.0.73"), FreePort.Udp());
        await using Company one = await Company.FoundAsync(fixture.Pbx, Cancel), other = await Company.FoundAsync(fixture.Pbx, Cancel);
        await ConfigureAsync(one, [Trunk("carrier", at)], "+49302000");
        await ConfigureAsync(other, [Trunk("carrier", at)], "+49303000");
        Phone ofOne = await one.RegisterAsync("100"), ofOther = await other.RegisterAsync("100");

        await using Sipp carrier = await Sipp.CarrierCallsAsync(Account("+4989444") with { ToneHertz = 520 }, at, "+49303000", s_talk, Cancel);
        await HearAsync(ofOther, carrier);
        JsonElement record = await other.RecordAsync(1, Cancel);
        Assert.Equal(("inbound", "+4989444"), (record.GetProperty("direction").GetString(), record.GetProperty("callerNumber").GetString()));
        Assert.Equal(0, await one.RecordCountAsync(Cancel));
        Assert.NotNull(ofOne);
    }

    [Fact]
    public async Task I12_a_call_that_is_sent_on_by_a_carrier_that_lets_its_number_pass_shows_who_calls_and_what_vouches_for_it()
    {
        IPEndPoint from = new(IPAddress.Parse("127.0.0.78"), FreePort.Udp()), to = new(IPAddress.Parse("127.0.0.79"), FreePort.Udp());
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        JsonObject onward = Trunk("onward", to);
        onward["changes"]!["passCaller"] = true;
        await ConfigureAsync(company, [onward, Trunk("carrier", from)], "+49318000");
        await fixture.Pbx.Api.PutAsync($"tenants/{company.Name}/extensions/100", """{"number":"100","forwards":{"always":"+4989222333"}}""", Cancel);
        await using Sipp called = await Sipp.CarrierAsync(Account("acct"), to, Cancel);
        await using Sipp caller = await Sipp.CarrierCallsAsync(Account("+4989444") with { ToneHertz = 520 }, from, "+49318000", s_talk, Cancel);
        SippOutcome calls = await caller.FinishedAsync(s_talk, Cancel), outcome = await called.FinishedAsync(s_talk, Cancel);
        Assert.True(calls is { Successful: 1, Failed: 0 }, calls.Log);
        Assert.True(outcome is { Successful: 1, Failed: 0 }, outcome.Log);
        string invite = InviteIn(outcome.Log);
        Assert.Contains("From: <sip:+4989444@", invite, StringComparison.Ordinal);
        Assert.Contains("Diversion: <sip:+49318000@", invite, StringComparison.Ordinal);
        Assert.Contains("eyJhdHRlc3QiOiJBIn0.c2lnbmVk;info=<https://carrier.example/1.pem>", invite, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_no_trunk_trusts_reaches_nobody()
    {
        IPEndPoint at = new(IPAddress.Parse("127.0.0.74"), FreePort.Udp()), stranger = new(IPAddress.Parse("127.0.0.75"), FreePort.Udp());
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        await ConfigureAsync(company, [Trunk("carrier", at)], "+49304000");
        await company.RegisterAsync("100");
        await using Sipp caller = await Sipp.CarrierCallsAsync(Account("+4989444"), stranger, "+49304000", s_talk, Cancel);
        SippOutcome outcome = await caller.FinishedAsync(s_talk, Cancel);
        Assert.True(outcome is { Successful: 0, Failed: 1 }, outcome.Log);
        Assert.Equal(0, await company.RecordCountAsync(Cancel));
    }

    [Fact]
    public async Task A_carrier_is_known_by_the_client_certificate_that_it_shows_and_nobody_else_is()
    {
        string file = Path.Combine(Path.GetTempPath(), $"carrier-{Guid.NewGuid():N}.pem");
        string fingerprint = WriteCertificate(file, "sbc.carrier.example");
        try
        {
            await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
            JsonObject trunk = Trunk("certified", new IPEndPoint(IPAddress.Parse("192.0.2.78"), 5061));
            trunk["sources"] = new JsonArray(fingerprint);
            trunk["changes"]!["contactHost"] = fixture.Pbx.Host;          // an address: who names no server is asked for a certificate
            await ConfigureAsync(company, [trunk], "+49308000");
            Phone callee = await company.RegisterAsync("100");
            PhoneAccount carrier = new("+4989555", Secret, "carrier.test", fixture.Pbx.Host, fixture.Pbx.TlsPort, SipTransport.Tls) { CaFile = fixture.Pbx.CaFile, ExpiresSeconds = 0, ToneHertz = 520 };

            await using (Baresip stranger = await Baresip.StartAsync(carrier, cancel: Cancel))
                await (await stranger.DialAsync("sip:+49308000@carrier.test", Cancel)).EndedAsync(Cancel);
            Assert.Equal(0, await company.RecordCountAsync(Cancel));

            await using Baresip baresip = await Baresip.StartAsync(carrier with { CertificateFile = file }, cancel: Cancel);
            IRealCall dialled = await baresip.DialAsync("sip:+49308000@carrier.test", Cancel);
            PhoneCall call = await callee.IncomingAsync(Cancel);
            Assert.True((await call.AnswerAsync()).Accepted);
            await dialled.AnsweredAsync(Cancel);
            await call.Audio.WaitForToneAsync(520, Deadlines.Media);
            await call.HangUpAsync();
            await dialled.EndedAsync(Cancel);
            JsonElement record = await company.RecordAsync(1, Cancel);
            Assert.Equal(("inbound", "certified", "+4989555"), (record.GetProperty("direction").GetString(), record.GetProperty("trunkName").GetString(), record.GetProperty("callerNumber").GetString()));
            await ConfigureAsync(company, [], null);                    // phones that name no server are asked no longer
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Linphone 5.1 waits for ever where it is asked for a certificate by TLS 1.2.</summary>
    [Fact]
    public async Task A_phone_is_asked_for_no_certificate_beside_a_carrier_that_has_one()
    {
        string file = Path.Combine(Path.GetTempPath(), $"carrier-{Guid.NewGuid():N}.pem");
        try
        {
            await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
            JsonObject trunk = Trunk("certified", new IPEndPoint(IPAddress.Parse("192.0.2.78"), 5061));
            trunk["sources"] = new JsonArray(WriteCertificate(file, "sbc.carrier.example"));
            await ConfigureAsync(company, [trunk], "+49318500");
            await using Linphone phone = await Linphone.StartAsync(fixture.Phones.Account("102", SipTransport.Tls) with { Server = "localhost" }, cancel: Cancel);
            await phone.RegisteredAsync(Cancel);
            await ConfigureAsync(company, [], null);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_registered_line_is_called_at_its_account_and_reaches_the_default_extension()
    {
        // The other company's exchange is the carrier: extension 102 there is the line here.
        await using Company provider = await Company.FoundAsync(fixture.Pbx, Cancel), company = await Company.FoundAsync(fixture.Pbx, Cancel);
        await ConfigureAsync(company, [new JsonObject
        {
            ["name"] = "line",
            ["kind"] = "registered",
            ["server"] = new JsonObject { ["host"] = provider.Domain },
            ["outboundProxy"] = new JsonObject { ["host"] = "127.0.0.1", ["port"] = fixture.Pbx.SipPort, ["transport"] = "udp" },
            ["accounts"] = new JsonArray(new JsonObject { ["user"] = "102", ["password"] = provider.Account("102").Password }),
            ["defaultExtension"] = "101",
        }], "+49305000");
        Phone callee = await company.RegisterAsync("101"), caller = await provider.RegisterAsync("100");
        await RegisteredAsync(provider, "102");

        PhoneCall dialled = await caller.DialAsync("102");
        PhoneCall call = await callee.IncomingAsync(Cancel);
        Assert.True((await call.AnswerAsync()).Accepted);
        Assert.True((await dialled.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
        // No tone here: what claims to be a port of the media node itself gets no packet (S17), and both companies' legs are on one node.
        await call.HangUpAsync();
        Assert.Equal(CallEndedBy.Peer, (await dialled.Ended.WaitAsync(Deadlines.Signalling)).By);
        Assert.Equal("inbound", (await company.RecordAsync(1, Cancel)).GetProperty("direction").GetString());
    }

    [Fact]
    public async Task A_resellers_trunk_serves_two_of_its_tenants_in_and_out_each_by_its_number_of_the_inventory()
    {
        IPEndPoint at = new(IPAddress.Parse("127.0.0.79"), FreePort.Udp());
        string reseller = $"reseller-{Guid.NewGuid():N}"[..20];
        await fixture.Pbx.Api.PostAsync("resellers", new JsonObject { ["name"] = reseller }.ToJsonString(), Cancel);
        JsonElement key = await fixture.Pbx.Api.PostAsync($"resellers/{reseller}/keys", """{"name":"program","mayWrite":true}""", Cancel);
        using PbxApi api = await fixture.Pbx.SignInAsync(key.GetProperty("clientId").GetString()!, key.GetProperty("clientSecret").GetString()!, Cancel);
        await using Company one = await Company.FoundAsync(fixture.Pbx, Cancel, by: api), other = await Company.FoundAsync(fixture.Pbx, Cancel, by: api);
        JsonObject shared = Trunk("shared", at);
        shared.Remove("kind");
        shared.Remove("accounts");
        await api.PostAsync($"resellers/{reseller}/trunks", shared.ToJsonString(), Cancel);
        await GetNumberAsync(api, reseller, one, "+49311000");
        await GetNumberAsync(api, reseller, other, "+49312000");
        Phone ofOne = await one.RegisterAsync("100"), ofOther = await other.RegisterAsync("100");

        await using (Sipp carrier = await Sipp.CarrierCallsAsync(Account("+4989444") with { ToneHertz = 520 }, at, "+49312000", s_talk, Cancel))
        {
            await HearAsync(ofOther, carrier);
        }
        JsonElement inbound = await other.RecordAsync(1, Cancel);
        Assert.Equal(("inbound", "shared", "+4989444"), (inbound.GetProperty("direction").GetString(), inbound.GetProperty("trunkName").GetString(), inbound.GetProperty("callerNumber").GetString()));
        Assert.Equal(0, await one.RecordCountAsync(Cancel));

        await using (Sipp carrier = await Sipp.EarlyCarrierAsync(Account("carrier") with { ToneHertz = 520 }, at, s_talk, Cancel))
        {
            PhoneCall call = await ofOne.DialAsync("9+4989222333");
            Assert.True((await call.Answered.WaitAsync(Deadlines.Signalling + s_talk)).Accepted);
            await call.Audio.WaitForToneAsync(520, Deadlines.Media);
            await call.HangUpAsync();
            SippOutcome outcome = await carrier.FinishedAsync(s_talk, Cancel);
            Assert.True(outcome is { Successful: 1, Failed: 0 }, outcome.Log);
            string invite = InviteIn(outcome.Log);
            Assert.Contains("+49311000", invite, StringComparison.Ordinal);
            Assert.DoesNotContain("+49312000", invite, StringComparison.Ordinal);
        }
        JsonElement outbound = await one.RecordAsync(1, Cancel);
        Assert.Equal(("outbound", "shared", "+4989222333"), (outbound.GetProperty("direction").GetString(), outbound.GetProperty("trunkName").GetString(), outbound.GetProperty("trunkNumber").GetString()));
        Assert.Equal(1, await other.RecordCountAsync(Cancel));
    }

    // A carrier's call is answered and its tone heard, to the end.
    private static async Task HearAsync(Phone callee, Sipp carrier)
    {
        PhoneCall call = await callee.IncomingAsync(Cancel);
        Assert.True((await call.AnswerAsync()).Accepted);
        await call.Audio.WaitForToneAsync(520, Deadlines.Media);
        await call.Ended.WaitAsync(Deadlines.Signalling + s_talk);
        SippOutcome outcome = await carrier.FinishedAsync(s_talk, Cancel);
        Assert.True(outcome is { Successful: 1, Failed: 0 }, outcome.Log);
    }

    // The first INVITE that the carrier got. I42: on UDP below 1300 octets, or the network might drop it.
    private static string InviteIn(string log)
    {
        Match invite = Regex.Match(log, @"received \[(\d+)\] bytes :\s+(INVITE .*?)\r?\n\r?\n", RegexOptions.Singleline);
        Assert.True(invite.Success, log);
        Assert.InRange(int.Parse(invite.Groups[1].Value, CultureInfo.InvariantCulture), 300, 1300);
        return invite.Groups[2].Value;
    }

    private async Task RegisteredAsync(Company at, string extension)
    {
        long until = Environment.TickCount64 + (long)Deadlines.Signalling.TotalMilliseconds;
        while (!(await at.RegistrationsAsync(Cancel)).Any(registration => registration.GetProperty("extension").GetString() == extension))
            Assert.True(Environment.TickCount64 < until, $"{extension} is not registered.{Environment.NewLine}{fixture.Pbx.Logs()}");
    }

    // Signed by itself: the fingerprint vouches for it. Gives the source.
    private static string WriteCertificate(string file, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(2));
        File.WriteAllText(file, $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
        return $"sha256:{Convert.ToHexString(certificate.GetCertHash(HashAlgorithmName.SHA256))}";
    }

    private PhoneAccount Account(string user) => new(user, Secret, "carrier.test", fixture.Pbx.Host, fixture.Pbx.SipPort, SipTransport.Udp);

    private static JsonObject Trunk(string name, IPEndPoint at) => new()
    {
        ["name"] = name,
        ["kind"] = "ip",
        ["server"] = new JsonObject { ["host"] = at.Address.ToString(), ["port"] = at.Port, ["transport"] = "udp" },
        ["accounts"] = new JsonArray(new JsonObject { ["user"] = "acct", ["password"] = Secret }),
        ["sources"] = new JsonArray(at.Address.ToString()),
        ["changes"] = new JsonObject { ["optionsKeepAlive"] = false },          // sipp would take one for its call
    };

    // The reseller gives a number of its inventory, and with it the trunk; the tenant says where the number's calls go, routes over the trunk and shows the number.
    private static async Task GetNumberAsync(PbxApi api, string reseller, Company company, string number)
    {
        await api.PostAsync($"resellers/{reseller}/numbers", new JsonObject { ["number"] = number, ["trunk"] = "shared", ["tenant"] = company.Name }.ToJsonString(), Cancel);
        await api.PutAsync($"tenants/{company.Name}/numbers/{number}", new JsonObject { ["number"] = number, ["trunk"] = "shared", ["extension"] = "100" }.ToJsonString(), Cancel);
        await api.PostAsync($"tenants/{company.Name}/routes", """{"name":"all","trunks":[{"trunk":"shared"}]}""", Cancel);
        await api.PutAsync($"tenants/{company.Name}/outside", new JsonObject { ["callerNumber"] = number }.ToJsonString(), Cancel);
    }

    // What is configured already stays; extension 100 gets the number.
    private async Task ConfigureAsync(Company company, JsonObject[] trunks, string? number)
    {
        JsonElement now = await fixture.Pbx.Api.GetAsync($"tenants/{company.Name}/document", Cancel);
        JsonObject document = JsonNode.Parse(now.GetRawText())!.AsObject();
        document["trunks"] = new JsonArray([.. trunks]);
        document["numbers"] = number is null ? [] : new JsonArray(new JsonObject { ["number"] = number, ["extension"] = "100" });
        document["routes"] = trunks.Length == 0 ? [] : new JsonArray(new JsonObject
        {
            ["name"] = "all", ["trunks"] = new JsonArray([.. trunks.Select(trunk => new JsonObject { ["trunk"] = trunk["name"]!.GetValue<string>() })]),
        });
        document["outside"] = number is null ? [] : new JsonObject { ["callerNumber"] = number };
        await fixture.Pbx.Api.PutAsync($"tenants/{company.Name}/document", document.ToJsonString(), Cancel);
    }
}
