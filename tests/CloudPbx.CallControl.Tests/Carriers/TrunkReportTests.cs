using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Grains;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>What operators are told of the trunks.</summary>
public sealed class TrunkReportTests : IDisposable
{
    private readonly CarrierFixture _a = new("a.test");
    private readonly CarrierFixture _b = new("b.test");

    [Fact]
    public async Task Of_two_tenants_with_trunks_of_the_same_name_each_has_its_own_registration_and_calls()      // S23
    {
        StubPhone carrierOfA = Line(_a), carrierOfB = Line(_b);
        await _a.ApplyAsync();
        await _b.ApplyAsync();
        SipRequest register = await carrierOfA.RequestAsync(SipMethod.Register);
        carrierOfA.Answer(register, 200, null, ("Contact", $"{register.Contacts[0]};expires=100"));
        carrierOfB.Answer(await carrierOfB.RequestAsync(SipMethod.Register), 403);
        StubPhone alice = await _a.Pbx.RegisteredAsync("100");
        Task dialled = alice.DialAsync("9+4989222");
        carrierOfA.Answer(await carrierOfA.RequestAsync(SipMethod.Invite), 180);
        await dialled;
        await _b.Pbx.SettleAsync();

        TrunkStatus a = Assert.Single(await AskAsync(_a)), b = Assert.Single(await AskAsync(_b));
        DateTime now = _a.Pbx.Time.GetUtcNow().UtcDateTime;
        Assert.Equal(("carrier", TrunkKind.Registered, true, 1, 4), (a.Name, a.Kind, a.Enabled, a.Calls, a.MaxChannels));
        Assert.Equal(new TrunkStatusLine { Account = "acct", RegisteredSince = now, ExpiresAt = now.AddSeconds(100) }, Assert.Single(a.Lines));
        Assert.Equal(("carrier", 0), (b.Name, b.Calls));
        Assert.Equal(new TrunkStatusLine { Account = "acct", LastFailure = new TrunkStatusFailure(now, 403, "Forbidden") }, Assert.Single(b.Lines));
    }

    [Fact]
    public async Task A_trunk_by_address_has_no_lines_though_it_has_credentials_and_trunks_come_by_name()
    {
        _a.Carrier("second", "198.51.100.2", account: "acct");
        _a.Carrier("first", "198.51.100.1");
        await _a.ApplyAsync();
        IReadOnlyList<TrunkStatus> trunks = await AskAsync(_a);
        Assert.Equal(["first", "second"], trunks.Select(trunk => trunk.Name));
        Assert.All(trunks, trunk => Assert.Equal((TrunkKind.Ip, 0, null), (trunk.Kind, trunk.Lines.Count, trunk.MaxChannels)));
    }

    [Fact]
    public async Task The_last_call_that_a_carrier_did_not_take_stands_in_its_own_words_beside_when_it_took_one_again_and_with_the_tenant_that_called_alone()      // S23
    {
        StubPhone carrier = _a.Carrier("carrier", "198.51.100.1");
        _b.Carrier("carrier", "198.51.100.1");
        await _a.ApplyAsync();
        await _b.ApplyAsync();
        StubPhone alice = await _a.Pbx.RegisteredAsync("100");
        DateTime failed = _a.Pbx.Time.GetUtcNow().UtcDateTime;
        await CallAsync(alice, carrier, 503, ("Reason", "Q.850;cause=34"), ("Warning", "399 hamburg \"secret=abc\""));
        TrunkStatus status = Assert.Single(await AskAsync(_a));
        Assert.Equal(new TrunkStatusFailure(failed, 503, "Service Unavailable; Reason: Q.850;cause=34; Warning: 399 hamburg \"secret=***\""), status.CallFailure);
        Assert.Null(status.CallsAgainSince);
        Assert.Null(Assert.Single(await AskAsync(_b)).CallFailure);

        await _a.Pbx.AdvanceAsync(TimeSpan.FromSeconds(40));
        DateTime again = _a.Pbx.Time.GetUtcNow().UtcDateTime;
        await CallAsync(alice, carrier, 486);                                            // the carrier did its part
        await _a.Pbx.AdvanceAsync(TimeSpan.FromSeconds(1));
        await CallAsync(alice, carrier, 404);
        status = Assert.Single(await AskAsync(_a));
        Assert.Equal((failed, again), (status.CallFailure!.At, status.CallsAgainSince));

        await CallAsync(alice, carrier, 403);
        status = Assert.Single(await AskAsync(_a));
        Assert.Equal((403, "Forbidden", null), (status.CallFailure!.Status, status.CallFailure.Reason, status.CallsAgainSince));

        _a.Move("carrier", new("other.example"));                                        // another carrier
        await _a.ApplyAsync();
        Assert.Null(Assert.Single(await AskAsync(_a)).CallFailure);
    }

    [Theory]
    [InlineData(302, "Moved Temporarily; Contact: <sip:+4989222@nowhere.example>")]      // not followed
    [InlineData(400, "Bad Request; Warning: 399 carrier \"No such header\"")]
    [InlineData(401, "Unauthorized")]
    [InlineData(415, "Unsupported Media Type")]
    [InlineData(482, "Loop Detected")]
    [InlineData(488, "Not Acceptable Here; Warning: 399 carrier \"No such header\"")]
    [InlineData(500, "Server Internal Error")]
    public async Task A_carrier_that_refuses_whatever_is_called_stands_in_the_status(int status, string words)
    {
        StubPhone carrier = _a.Carrier("carrier", "198.51.100.1");
        await _a.ApplyAsync();
        (string, string)[] more = status is 400 or 488 ? [("Warning", "399 carrier \"No such header\"")] : [("Contact", "<sip:+4989222@nowhere.example>")];
        await CallAsync(await _a.Pbx.RegisteredAsync("100"), carrier, status, more);
        TrunkStatusFailure failure = Assert.Single(await AskAsync(_a)).CallFailure!;
        Assert.Equal((status, words), (failure.Status, failure.Reason));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(433)]                                                                    // RFC 5079: the callee takes no anonymous calls
    [InlineData(480)]
    [InlineData(485)]
    [InlineData(486)]
    [InlineData(603)]
    [InlineData(606)]
    public async Task What_the_callee_says_is_nothing_that_speaks_of_the_trunk(int status)      // I29
    {
        StubPhone carrier = _a.Carrier("carrier", "198.51.100.1");
        await _a.ApplyAsync();
        await CallAsync(await _a.Pbx.RegisteredAsync("100"), carrier, status);
        Assert.Null(Assert.Single(await AskAsync(_a)).CallFailure);
    }

    [Theory]
    [InlineData(180, 408)]                                                               // the callee did not answer
    [InlineData(180, 500)]
    public async Task A_call_that_rang_was_taken_whatever_became_of_it(int before, int status)
    {
        StubPhone carrier = _a.Carrier("carrier", "198.51.100.1");
        await _a.ApplyAsync();
        StubPhone alice = await _a.Pbx.RegisteredAsync("100");
        Task<(SipResponse, SipRequest)> dialled = alice.DialAsync("9+4989222");
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, before);
        carrier.Answer(invite, status);
        await dialled;
        await alice.FinalAsync();
        Assert.Null(Assert.Single(await AskAsync(_a)).CallFailure);
    }

    [Fact]
    public async Task Why_a_carrier_was_not_reached_is_told_without_OPTIONS_too()
    {
        _a.Carrier("nowhere", "198.51.100.1");
        StubPhone gone = _a.Carrier("gone", "198.51.100.2", transport: SipTransport.Tcp), silent = _a.Carrier("silent", "198.51.100.3");
        _a.Pbx.Dns.Hosts.Remove("nowhere.example");
        _a.Pbx.Edge.Remove(gone);
        await _a.ApplyAsync();
        StubPhone alice = await _a.Pbx.RegisteredAsync("100");
        Task dialled = alice.DialAsync("9+4989222");
        await silent.RequestAsync(SipMethod.Invite);
        await _a.Pbx.AdvanceAsync(TimeSpan.FromSeconds(8));
        await dialled;
        Dictionary<string, TrunkStatus> trunks = (await AskAsync(_a)).ToDictionary(trunk => trunk.Name);
        Assert.All(trunks.Values, trunk => Assert.Equal((TrunkReach.Off, 0), (trunk.Reach, trunk.CallFailure?.Status)));
        Assert.Contains("nowhere.example", trunks["nowhere"].CallFailure!.Reason, StringComparison.Ordinal);
        Assert.Equal(("Connection refused", "No answer"), (trunks["gone"].CallFailure!.Reason, trunks["silent"].CallFailure!.Reason));
    }

    [Fact]
    public async Task Who_gives_up_while_the_carrier_thinks_tells_nothing_of_the_trunk()
    {
        StubPhone carrier = _a.Carrier("carrier", "198.51.100.1");
        await _a.ApplyAsync();
        StubPhone alice = await _a.Pbx.RegisteredAsync("100");
        SipRequest dialled = alice.Request(SipMethod.Invite, "sip:9+4989222@a.test", "v=0 phone's offer");
        alice.Send(dialled);
        SipResponse challenge = await alice.ResponseAsync();
        alice.Ack(dialled, challenge);
        SipRequest again = alice.Again(dialled, challenge);
        alice.Send(again);
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(invite, 100);
        alice.Cancel(again);
        await carrier.RequestAsync(SipMethod.Cancel);
        carrier.Answer(invite, 503);
        await _a.Pbx.SettleAsync();
        Assert.Null(Assert.Single(await AskAsync(_a)).CallFailure);
    }

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
    }

    // As the API gets it: from another process.
    private static async Task<IReadOnlyList<TrunkStatus>> AskAsync(CarrierFixture fixture)
    {
        await using ServiceProvider services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        Serializer<IReadOnlyList<TrunkStatus>> wire = services.GetRequiredService<Serializer<IReadOnlyList<TrunkStatus>>>();
        return wire.Deserialize(wire.SerializeToArray(await fixture.Pbx.Runtime.TrunksAsync()))!;
    }

    private static async Task CallAsync(StubPhone phone, StubPhone carrier, int status, params (string, string)[] fields)
    {
        Task dialled = phone.DialAsync("9+4989222");
        carrier.Answer(await carrier.RequestAsync(SipMethod.Invite), status, null, fields);
        await carrier.RequestAsync(SipMethod.Ack);
        await dialled;
    }

    private static StubPhone Line(CarrierFixture fixture) => fixture.Carrier("carrier", "198.51.100.1", TrunkKind.Registered, account: "acct", maxChannels: 4);
}
