using System.Text.Json;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>Calls for help, message by message (SECURITY.md S36): never refused by us.</summary>
public sealed class EmergencyCallTests : IDisposable
{
    private readonly CarrierFixture _fixture = new();

    private TestTenant Pbx => _fixture.Pbx;

    [Theory]
    [InlineData("sip:112@acme.test", "112")]
    [InlineData("sip:112@elsewhere.example", "112")]                                     // another's domain is no reason
    [InlineData("tel:112;phone-context=elsewhere.example", "112")]                       // RFC 3966
    [InlineData("urn:service:sos", "112")]                                               // RFC 5031, RFC 6881
    [InlineData("urn:service:SOS.police", "110")]
    public async Task S36_whatever_names_help_goes_out_to_the_number_for_it(string uri, string number)
    {
        _fixture.Outside = _fixture.Outside with { Country = "DE", EmergencyNumbers = ["112", "110"] };
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        SipRequest dialled = await SendAsync(alice, uri);
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        Assert.Equal(($"sip:{number}@carrier.example:{carrier.Remote.Port}", "+49301000"), (invite.RequestUri.ToString(), invite.From.Uri.User));
        carrier.Answer(invite, 200, "v=0 carrier's answer");
        SipResponse answer = await alice.FinalAsync();
        Assert.Equal((200, uri), (answer.StatusCode, answer.To.Uri.ToString()));
        alice.Ack(dialled, answer);
        await carrier.RequestAsync(SipMethod.Ack);
        alice.Send(alice.InDialog(SipMethod.Bye, dialled, answer));
        Assert.Equal(200, (await alice.ResponseAsync()).StatusCode);
        carrier.Answer(await carrier.RequestAsync(SipMethod.Bye), 200);
        CallEnded record = await Pbx.RecordAsync();
        Assert.Equal(("carrier", number), (record.TrunkName, record.TrunkNumber));
    }

    [Fact]
    public async Task S36_a_service_without_a_number_is_what_the_carrier_is_asked_for()      // RFC 5031
    {
        _fixture.Outside = _fixture.Outside with { EmergencyNumbers = [] };
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", changes: new TrunkProfileChanges { RequestUriParameters = "user=phone" });
        StubPhone alice = await ReadyAsync();
        await SendAsync(alice, "urn:service:sos.Fire");
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        Assert.Equal(("urn:service:sos.fire", "urn:service:sos.fire"), (invite.RequestUri.ToString(), invite.To.Uri.ToString()));
        carrier.Answer(invite, 200, "v=0 carrier's answer");
        Assert.Equal(200, (await alice.FinalAsync()).StatusCode);
        Assert.Equal(SipMethod.Ack, (await carrier.RequestAsync(SipMethod.Ack)).Method);
    }

    [Theory]
    [InlineData("112", true)]
    [InlineData("+4989222", false)]
    public async Task I44_a_call_for_help_takes_along_where_its_caller_is_and_no_other_call_does(string number, bool takes)      // RFC 6442
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        await SendAsync(alice, $"sip:{number}@acme.test", invite =>
        {
            invite.Headers.Add("Geolocation", "<cid:place%40phone.example>");
            invite.Headers.Add("Geolocation", "<cid:gone@phone.example>");
            invite.Headers.Add("Geolocation-Routing", "yes");
            MessageBody body = MessageBody.Mixed(MessageBody.Sdp("v=0 alice's offer"), new("application/isup", "x"u8.ToArray()),
                new("application/pidf+xml", "<presence/>"u8.ToArray()) { ContentId = "place@phone.example" }, new("application/pidf+xml", "<other/>"u8.ToArray()) { ContentId = "other@phone.example" });
            invite.SetBody(body.Octets, body.ContentType);
        });
        SipRequest asked = await carrier.RequestAsync(SipMethod.Invite);
        Assert.Equal(takes ? ["<cid:place%40phone.example>"] : [], asked.Headers.GetAll("Geolocation"));
        Assert.Equal(takes ? ["yes"] : [], asked.Headers.GetAll("Geolocation-Routing"));
        Assert.Equal(takes ? ["application/sdp", "application/pidf+xml"] : [], MessageBody.PartsOf(asked).Select(part => part.ContentType));
        Assert.Equal(takes ? "<presence/>" : null, MessageBody.PartsOf(asked).LastOrDefault()?.Text);
        Assert.True(MessageBody.Of(asked)!.IsSdp);
    }

    [Theory]
    [InlineData("112", "5", true)]
    [InlineData("112", "0", true)]
    [InlineData("9+4989222", "5", false)]
    public async Task S36_a_call_for_help_rings_on_when_the_time_is_over_that_its_INVITE_gave(string number, string expires, bool goesOn)      // RFC 3261 §13.3.1
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        await SendAsync(alice, $"sip:{number}@acme.test", invite => invite.Headers.Add("Expires", expires));
        SipRequest asked = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(asked, 180);
        Assert.Equal(180, (await alice.ResponseAsync()).StatusCode);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(6));
        if (goesOn)
        {
            carrier.Answer(asked, 200, "v=0 carrier's answer");
            Assert.Equal(200, (await alice.FinalAsync()).StatusCode);
            return;
        }
        Assert.Equal(487, (await alice.FinalAsync()).StatusCode);
        await carrier.RequestAsync(SipMethod.Cancel);
    }

    [Fact]
    public async Task S36_a_call_that_a_phone_sends_on_to_help_is_one_too()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync(), bob = await Pbx.RegisteredAsync("101");
        await SendAsync(alice, "sip:101@acme.test", invite => invite.Headers.Add("Expires", "5"));
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 302, null, ("Contact", "<sip:112@acme.test>"));
        SipRequest asked = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(asked, 180);
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(6));
        carrier.Answer(asked, 200, "v=0 carrier's answer");
        Assert.Equal(200, (await alice.FinalAsync()).StatusCode);
    }

    [Theory]
    [InlineData("v=0 alice's offer")]
    [InlineData(null)]                                                                   // she wants ours (RFC 3261 §13.2.1)
    public async Task S36_a_call_for_help_has_media_where_others_get_no_port(string? offer)
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        Pbx.Media.Room = 0;
        SipRequest dialled = await SendAsync(alice, "sip:9+4989222@acme.test");
        SipResponse refused = await alice.FinalAsync();
        Assert.Equal(503, refused.StatusCode);
        alice.Ack(dialled, refused);
        dialled = await SendAsync(alice, "sip:112@acme.test", offer: offer);
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 200, "v=0 carrier's answer");
        SipResponse answer = await alice.FinalAsync();
        Assert.Equal(200, answer.StatusCode);
        alice.Ack(dialled, answer, offer is null ? "v=0 alice's answer" : null);
        await carrier.RequestAsync(SipMethod.Ack);
        await Pbx.SettleAsync();
        Assert.Equal([true, true], Pbx.Media.Policies.OrderBy(leg => leg.Key).Select(leg => leg.Value.ForHelp));
    }

    [Theory]
    [InlineData("112", false)]
    [InlineData("9+4989222", true)]
    public async Task S36_a_call_for_help_is_rather_not_recorded_than_refused_for_its_codec(string number, bool decodable)
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", recording: RecordingPolicy.Always);
        StubPhone alice = await ReadyAsync();
        await SendAsync(alice, $"sip:{number}@acme.test");
        await carrier.RequestAsync(SipMethod.Invite);
        Assert.Equal(decodable, Pbx.Media.Policies[1].DecodableOnly);
    }

    [Fact]
    public async Task S36_nobody_is_asked_for_another_codec_in_a_call_for_help()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        SipRequest dialled = await SendAsync(alice, "sip:112@acme.test");
        carrier.Answer(await carrier.RequestAsync(SipMethod.Invite), 200, "v=0 carrier's answer");
        alice.Ack(dialled, await alice.FinalAsync());
        await carrier.RequestAsync(SipMethod.Ack);
        await Pbx.SettleAsync();
        Pbx.Media.Deaf = MediaControl.LegFaults.OtherCodecNeeded;
        foreach (char digit in "*1")
            Pbx.Sessions.DigitReceived(new MediaControl.LegId((await Pbx.Runtime.CallsAsync())[0].CallId, 0), digit, 100);
        await Pbx.SettleAsync();
        Assert.Contains(Pbx.Media.Commands, command => command.EndsWith("/congestion", StringComparison.Ordinal));
        Assert.True(alice.HasNothing && carrier.HasNothing);
    }

    [Fact]
    public async Task S36_a_call_for_help_is_heard_in_clear_where_others_must_be_encrypted()
    {
        using CarrierFixture strict = new(encryption: SrtpPolicy.Required);
        strict.Number("+49301000", "100");
        StubPhone carrier = strict.Carrier("carrier", "198.51.100.1", changes: new TrunkProfileChanges { Srtp = SrtpPolicy.Required });
        await strict.ApplyAsync();
        StubPhone alice = await strict.Pbx.RegisteredAsync("100");
        await SendAsync(alice, "sip:9+4989222@acme.test");
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        Assert.Equal([MediaControl.SrtpPolicy.Required, MediaControl.SrtpPolicy.Required], Srtp());
        carrier.Answer(invite, 488);
        await carrier.RequestAsync(SipMethod.Ack);
        Assert.Equal(488, (await alice.FinalAsync()).StatusCode);                        // asked once
        strict.Pbx.Media.Policies.Clear();
        SipRequest dialled = await SendAsync(alice, "sip:112@acme.test");
        invite = await carrier.RequestAsync(SipMethod.Invite);
        Assert.Contains("savp", MessageBody.Of(invite)!.Text, StringComparison.Ordinal); // what the trunk wants comes first
        carrier.Answer(invite, 488);
        await carrier.RequestAsync(SipMethod.Ack);
        invite = await carrier.RequestAsync(SipMethod.Invite);
        Assert.DoesNotContain("savp", MessageBody.Of(invite)!.Text, StringComparison.Ordinal);
        carrier.Answer(invite, 200, "v=0 carrier's answer");
        SipResponse answer = await alice.FinalAsync();
        Assert.Equal(200, answer.StatusCode);
        alice.Ack(dialled, answer);
        await carrier.RequestAsync(SipMethod.Ack);
        Assert.Equal([MediaControl.SrtpPolicy.Optional, MediaControl.SrtpPolicy.Optional], Srtp());
        await strict.Pbx.MoveAsync();
        strict.Pbx.Media.Policies.Clear();
        SipRequest again = alice.InDialog(SipMethod.Invite, dialled, answer, "v=0 alice's new offer");
        alice.Send(again);
        alice.Ack(again, await alice.FinalAsync());
        Assert.Equal(MediaControl.SrtpPolicy.Optional, strict.Pbx.Media.Policies[0].Srtp);

        IEnumerable<MediaControl.SrtpPolicy> Srtp() => strict.Pbx.Media.Policies.OrderBy(leg => leg.Key).Select(leg => leg.Value.Srtp);
    }

    [Fact]
    public async Task S36_after_a_move_a_call_for_help_is_one_still()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        SipRequest dialled = await SendAsync(alice, "sip:112@acme.test");
        carrier.Answer(await carrier.RequestAsync(SipMethod.Invite), 200, "v=0 carrier's answer");
        SipResponse answer = await alice.FinalAsync();
        alice.Ack(dialled, answer);
        await carrier.RequestAsync(SipMethod.Ack);
        await Pbx.MoveAsync();
        Pbx.Media.Policies.Clear();
        SipRequest again = alice.InDialog(SipMethod.Invite, dialled, answer, "v=0 alice's new offer");
        alice.Send(again);
        alice.Ack(again, await alice.FinalAsync());
    }

    [Fact]
    public async Task Another_URN_gets_416()                                                 // RFC 3261 §8.2.2.1
    {
        _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        alice.Send(alice.Request(SipMethod.Invite, "urn:service:counseling", "v=0 phone's offer"));
        Assert.Equal(416, (await alice.FinalAsync()).StatusCode);
    }

    [Fact]
    public async Task A_telephone_number_belongs_to_nobodys_domain()                         // RFC 3966 §3
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        await SendAsync(alice, "tel:+49-89-222");
        Assert.Equal("+4989222", (await carrier.RequestAsync(SipMethod.Invite)).RequestUri.User);
    }

    [Fact]
    public async Task A_carrier_that_calls_for_help_is_not_led_out_again()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        await ReadyAsync();
        carrier.Send(carrier.Request(SipMethod.Invite, "urn:service:sos", "v=0 offer", ("From", "<sip:+4930555@carrier.example>;tag=c")));
        Assert.Equal(404, (await carrier.FinalAsync()).StatusCode);
    }

    [Fact]
    public async Task S36_a_call_for_help_is_told_when_it_begins_and_with_the_trunk_that_took_it()
    {
        StubPhone full = _fixture.Carrier("full", "198.51.100.1"), carrier = _fixture.Carrier("carrier", "198.51.100.2");
        StubPhone alice = await ReadyAsync();
        SipRequest dialled = await SendAsync(alice, "urn:service:sos");
        SipRequest refused = await full.RequestAsync(SipMethod.Invite);
        await Pbx.SettleAsync();
        JsonElement began = Data(Assert.Single(Told()));
        Assert.Equal(("calling", "100", "urn:service:sos", "112"), (Text(began, "state"), Text(began, "extension"), Text(began, "dialled"), Text(began, "number")));
        Assert.Equal((alice.Remote.Address.ToString(), null), (Text(began, "remoteAddress"), Text(began, "trunk")));
        Assert.Equal(Pbx.Configure(1).DevicesByAuthUser["100"].Name, Text(began, "device"));
        full.Answer(refused, 503);
        await full.RequestAsync(SipMethod.Ack);
        carrier.Answer(await carrier.RequestAsync(SipMethod.Invite), 200, "v=0 carrier's answer");
        alice.Ack(dialled, await alice.FinalAsync());
        await carrier.RequestAsync(SipMethod.Ack);
        await Pbx.SettleAsync();
        TenantEvent[] told = Told();
        Assert.Equal((2, "answered", "carrier"), (told.Length, Text(Data(told[1]), "state"), Text(Data(told[1]), "trunk")));
        Assert.Equal((told[0].Subject, Pbx.Tenant), (told[1].Subject, told[1].TenantId));
    }

    [Fact]
    public async Task S36_that_no_trunk_took_it_is_told_with_the_reason()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        await SendAsync(alice, "sip:112@acme.test");
        carrier.Answer(await carrier.RequestAsync(SipMethod.Invite), 503);
        await alice.FinalAsync();
        await Pbx.SettleAsync();
        JsonElement end = Data(Told()[^1]);
        Assert.Equal(("failed", null, 503), (Text(end, "state"), Text(end, "trunk"), end.GetProperty("status").GetInt32()));
    }

    [Fact]
    public async Task S36_a_caller_who_gives_up_is_told_of()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        SipRequest dialled = await SendAsync(alice, "sip:112@acme.test");
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 180);
        Assert.Equal(180, (await alice.ResponseAsync()).StatusCode);
        alice.Cancel(dialled);
        carrier.Answer(await carrier.RequestAsync(SipMethod.Cancel), 200);
        carrier.Answer(invite, 487);
        await carrier.RequestAsync(SipMethod.Ack);
        await Pbx.SettleAsync();
        Assert.Equal("cancelled", Text(Data(Told()[^1]), "state"));
    }

    [Theory]
    [InlineData(200, "answered", "carrier", null)]
    [InlineData(603, "failed", null, 603)]
    public async Task S36_who_goes_on_with_a_call_for_help_tells_how_it_ended(int status, string state, string? trunk, int? reason)
    {
        (StubPhone carrier, SipRequest invite) = await RingAtCarrierAsync();
        await Pbx.MoveAsync();
        carrier.Answer(invite, status, status == 200 ? "v=0 carrier's answer" : "");
        await carrier.RequestAsync(SipMethod.Ack);
        await Pbx.SettleAsync();
        Assert.Equal(["calling", state], Told().Select(told => Text(Data(told), "state")));
        JsonElement end = Data(Told()[^1]);
        Assert.Equal(("100", "112", trunk), (Text(end, "extension"), Text(end, "number"), Text(end, "trunk")));
        Assert.Equal(reason, end.GetProperty("status").Deserialize<int?>());
    }

    [Fact]
    public async Task S36_that_a_call_for_help_was_lost_with_its_owner_is_told()
    {
        (StubPhone carrier, SipRequest invite) = await RingAtCarrierAsync();
        await Pbx.KillAsync();
        carrier.Answer(await carrier.RequestAsync(SipMethod.Cancel), 200);
        carrier.Answer(invite, 487);
        await carrier.RequestAsync(SipMethod.Ack);
        await Pbx.SettleAsync();
        Assert.Equal(["calling", "failed"], Told().Select(told => Text(Data(told), "state")));
    }

    private async Task<(StubPhone Carrier, SipRequest Invite)> RingAtCarrierAsync()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        await SendAsync(alice, "sip:112@acme.test");
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 180);
        Assert.Equal(180, (await alice.ResponseAsync()).StatusCode);
        return (carrier, invite);
    }

    [Fact]
    public async Task S36_the_call_does_not_depend_on_whether_anybody_is_told()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        Pbx.NewsFault = new InvalidOperationException("Nobody listens.");
        SipRequest dialled = await SendAsync(alice, "sip:112@acme.test");
        carrier.Answer(await carrier.RequestAsync(SipMethod.Invite), 200, "v=0 carrier's answer");
        SipResponse answer = await alice.FinalAsync();
        Assert.Equal(200, answer.StatusCode);
        alice.Ack(dialled, answer);
        await carrier.RequestAsync(SipMethod.Ack);
        await Pbx.SettleAsync();
        Assert.Equal(1, Pbx.Runtime.Calls.Count);
    }

    [Fact]
    public async Task Any_other_call_is_no_alarm()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1");
        StubPhone alice = await ReadyAsync();
        await SendAsync(alice, "sip:9+4989222@acme.test");
        await carrier.RequestAsync(SipMethod.Invite);
        await Pbx.SettleAsync();
        Assert.Empty(Told());
    }

    public void Dispose() => _fixture.Dispose();

    private TenantEvent[] Told() => [.. Pbx.News.Where(told => told.Type == EventTypes.CallEmergency)];

    private static JsonElement Data(TenantEvent told) => JsonSerializer.Deserialize<JsonElement>(told.Data);

    private static string? Text(JsonElement data, string member) => data.GetProperty(member).GetString();

    private async Task<StubPhone> ReadyAsync()
    {
        _fixture.Number("+49301000", "100");
        await _fixture.ApplyAsync();
        return await Pbx.RegisteredAsync("100");
    }

    // Nobody answers before the carrier does.
    private static async Task<SipRequest> SendAsync(StubPhone phone, string uri, Action<SipRequest>? change = null, string? offer = "v=0 phone's offer")
    {
        SipRequest invite = phone.Request(SipMethod.Invite, uri, offer);
        change?.Invoke(invite);
        phone.Send(invite);
        SipResponse challenge = await phone.ResponseAsync();
        Assert.Equal(407, challenge.StatusCode);
        phone.Ack(invite, challenge);
        SipRequest again = phone.Again(invite, challenge);
        phone.Send(again);
        return again;
    }
}
