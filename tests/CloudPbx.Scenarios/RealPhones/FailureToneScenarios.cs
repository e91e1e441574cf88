using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Carriers;
using CloudPbx.TestKit.Phones;
using CloudPbx.TestKit.Recordings;

namespace CloudPbx.Scenarios.RealPhones;

/// <summary>What baresip hears of a program's call that a carrier refuses: a tone that says why.</summary>
[Collection(RealPhonesGroup.Name)]
public sealed class FailureToneScenarios(ProductFixture fixture)
{
    private const double TolerableHertz = 15, TolerableMilliseconds = 45;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(130, "404 Not Found", "", new[] { 950, 330, 1400, 330, 1800, 330, 0, 1000 })]                                                  // ITU-T E.180: special information
    [InlineData(131, "480 Temporarily Unavailable", "Reason: Q.850;cause=34", new[] { 425, 240, 0, 240, 425, 240, 0, 240, 425, 240 })]          // no circuit: congestion, as in Germany
    [InlineData(132, "486 Busy Here", "", new[] { 425, 480, 0, 480, 425, 480, 0, 480, 425, 480 })]
    public async Task A_number_that_does_not_exist_a_network_without_circuits_and_somebody_busy_sound_otherwise(int host, string status, string reason, int[] tones)
    {
        HostileCarrier carrier = HostileCarrier.Listen(IPAddress.Parse($"127.0.0.{host}"), new IPEndPoint(IPAddress.Parse(fixture.Pbx.Host), fixture.Pbx.SipPort));
        await using HostileCarrier ending = carrier;
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        await ConfigureAsync(company, carrier.At, string.Create(CultureInfo.InvariantCulture, $"+49380{host}"));
        PhoneAccount account = new("100", company.Account("100").Password, company.Domain, fixture.Phones.Host, fixture.Phones.SipPort, SipTransport.Udp) { Codecs = ["PCMA"] };
        await using Baresip alice = await Baresip.StartAsync(account, cancel: Cancel);
        await alice.RegisteredAsync(Cancel);
        await fixture.Phones.Api.PostAsync($"tenants/{company.Name}/calls/live", """{"from":"100","to":"9089222333"}""", Cancel);
        IRealCall call = await alice.IncomingAsync(Cancel);
        await call.AnswerAsync(Cancel);
        carrier.Answer(await carrier.ExpectAsync("INVITE"), status, reason);
        await carrier.ExpectAsync("ACK");
        await call.EndedAsync(Cancel);

        // What was heard of the ringing before counts no more than what the line's end cuts off.
        IReadOnlyList<ToneRun> heard = alice.Recording.Runs();
        Assert.True(Enumerable.Range(0, heard.Count).Any(first => Follows(heard, first, tones)), string.Join(Environment.NewLine, heard));
        JsonElement record = await company.RecordAsync(1, Cancel);
        Assert.Equal(status[..3], record.GetProperty("sipStatus").GetRawText());
    }

    private static bool Follows(IReadOnlyList<ToneRun> heard, int first, int[] tones) =>
        first + (tones.Length / 2) <= heard.Count && Enumerable.Range(0, tones.Length / 2).All(i =>
            Math.Abs(heard[first + i].Hertz - tones[2 * i]) < TolerableHertz && Math.Abs(heard[first + i].Length.TotalMilliseconds - tones[(2 * i) + 1]) < TolerableMilliseconds);

    private async Task ConfigureAsync(Company company, IPEndPoint carrier, string number)
    {
        JsonObject document = JsonNode.Parse((await fixture.Pbx.Api.GetAsync($"tenants/{company.Name}/document", Cancel)).GetRawText())!.AsObject();
        document["trunks"] = new JsonArray(new JsonObject
        {
            ["name"] = "carrier",
            ["kind"] = "ip",
            ["server"] = new JsonObject { ["host"] = carrier.Address.ToString(), ["port"] = carrier.Port, ["transport"] = "udp" },
            ["sources"] = new JsonArray(carrier.Address.ToString()),
            ["changes"] = new JsonObject { ["optionsKeepAlive"] = false },
        });
        document["numbers"] = new JsonArray(new JsonObject { ["number"] = number, ["extension"] = "100" });
        document["routes"] = new JsonArray(new JsonObject { ["name"] = "all", ["trunks"] = new JsonArray(new JsonObject { ["trunk"] = "carrier" }) });
        document["outside"] = new JsonObject { ["callerNumber"] = number, ["country"] = "DE" };
        await fixture.Pbx.Api.PutAsync($"tenants/{company.Name}/document", document.ToJsonString(), Cancel);
    }
}
