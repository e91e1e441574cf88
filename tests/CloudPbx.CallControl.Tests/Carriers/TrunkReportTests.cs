using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Grains;
using CloudPbx.Sip.Messages;
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

    private static StubPhone Line(CarrierFixture fixture) => fixture.Carrier("carrier", "198.51.100.1", TrunkKind.Registered, account: "acct", maxChannels: 4);
}
