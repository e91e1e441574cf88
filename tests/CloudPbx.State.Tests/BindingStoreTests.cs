using CloudPbx.Contracts.Ids;
using CloudPbx.State.Bindings;
using CloudPbx.State.Tenants;
using CloudPbx.State.Tests.Stores;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.State.Tests;

public sealed class BindingsOnGarnetTests(GarnetStore store) : BindingStoreTests(store), IClassFixture<GarnetStore>;

public sealed class BindingsOnRedisTests(RedisStore store) : BindingStoreTests(store), IClassFixture<RedisStore>;

public abstract class BindingStoreTests(TestStore store)
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private BindingStore Bindings => new(store.Connection, _time);

    [Fact]
    public async Task Two_tenants_with_the_same_extension_keep_their_bindings_apart()
    {
        TenantId a = TenantId.New(), b = TenantId.New();
        Assert.Equal(StoreOutcome.Done, await Bindings.SaveAsync(a, 1, [Binding("100", "sip:100@10.0.0.1")], [], Cancel));
        Assert.Equal(StoreOutcome.Done, await Bindings.SaveAsync(b, 1, [Binding("100", "sip:100@10.0.0.2")], [], Cancel));
        Assert.Equal("sip:100@10.0.0.1", Assert.Single((await Bindings.ListAsync(a, Cancel))!).ContactUri);
        Assert.Equal("sip:100@10.0.0.2", Assert.Single((await Bindings.ListAsync(b, Cancel))!).ContactUri);
    }

    [Fact]
    public async Task Several_tenants_are_written_at_once_and_a_stale_owner_among_them_changes_nothing()
    {
        TenantId a = TenantId.New(), b = TenantId.New(), c = TenantId.New();
        Binding old = Binding("100", "sip:old@10.0.0.1");
        await Bindings.SaveAsync(a, 1, [old], [], Cancel);
        await Bindings.SaveAsync(b, 9, [old], [], Cancel);
        Assert.Equal([StoreOutcome.Done, StoreOutcome.Stale, StoreOutcome.Done], await Bindings.SaveAsync(
            [
                new BindingChanges(a, 1, [Binding("100", "sip:a@10.0.0.1"), Binding("101", "sip:a@10.0.0.1")], [old.Key]),
                new BindingChanges(b, 8, [Binding("100", "sip:b@10.0.0.1")], [old.Key]),
                new BindingChanges(c, 1, [], ["unknown"]),
            ],
            Cancel));
        Assert.All((await Bindings.ListAsync(a, Cancel))!, binding => Assert.Equal("sip:a@10.0.0.1", binding.ContactUri));
        Assert.Equal(2, (await Bindings.ListAsync(a, Cancel))!.Count);
        Assert.Equal(old, Assert.Single((await Bindings.ListAsync(b, Cancel))!));
        Assert.Empty((await Bindings.ListAsync(c, Cancel))!);
    }

    [Fact]
    public async Task More_than_one_command_holds_is_written_all_the_same()
    {
        TenantId[] tenants = [.. Enumerable.Range(0, 3).Select(_ => TenantId.New())];
        IReadOnlyList<StoreOutcome> outcomes = await Bindings.SaveAsync(
            [.. tenants.Select(tenant => new BindingChanges(tenant, 1, [.. Enumerable.Range(0, 200).Select(i => Binding($"{i}", "sip:a@10.0.0.1"))], []))], Cancel);
        Assert.Equal([StoreOutcome.Done, StoreOutcome.Done, StoreOutcome.Done], outcomes);
        foreach (TenantId tenant in tenants)
            Assert.Equal(200, (await Bindings.ListAsync(tenant, Cancel))!.Count);
    }

    [Fact]
    public async Task A_binding_comes_back_as_it_was_saved()
    {
        TenantId tenant = TenantId.New();
        Binding binding = Binding("100", "sip:100@10.0.0.1:5060;transport=tls") with
        {
            InstanceId = "urn:uuid:00000000-0000-1000-8000-000A95A0E128", RegId = 1, Q = 700, UserAgent = "<script> \u4e2d\u6587", Srtp = true,
        };
        await Bindings.SaveAsync(tenant, 1, [binding], [], Cancel);
        Assert.Equal(binding, Assert.Single((await Bindings.ListAsync(tenant, Cancel))!));
    }

    [Fact]
    public async Task One_write_saves_refreshes_and_removes()
    {
        TenantId tenant = TenantId.New();
        Binding old = Binding("100", "sip:old@10.0.0.1"), kept = Binding("100", "sip:kept@10.0.0.1");
        await Bindings.SaveAsync(tenant, 1, [old, kept], [], Cancel);
        await Bindings.SaveAsync(tenant, 1, [kept with { CSeq = 2 }, Binding("101", "sip:new@10.0.0.1")], [old.Key, "unknown"], Cancel);
        IReadOnlyList<Binding> list = (await Bindings.ListAsync(tenant, Cancel))!;
        Assert.Equal(["sip:kept@10.0.0.1", "sip:new@10.0.0.1"], list.Select(b => b.ContactUri).Order(StringComparer.Ordinal));
        Assert.Contains(list, b => b.CSeq == 2);
    }

    [Fact]
    public async Task An_owner_with_a_lower_epoch_is_refused_and_changes_nothing()
    {
        TenantId tenant = TenantId.New();
        long epoch = 1_795_000_000_000;                                                 // Unix milliseconds: more digits than a float
        await Bindings.SaveAsync(tenant, epoch, [Binding("100", "sip:new@10.0.0.1")], [], Cancel);
        Assert.Equal(StoreOutcome.Stale, await Bindings.SaveAsync(tenant, epoch - 1, [Binding("100", "sip:late@10.0.0.1")], [], Cancel));
        Assert.Equal(StoreOutcome.Stale, await Bindings.ReplaceAsync(tenant, epoch - 1, [], Cancel));
        Assert.Equal("sip:new@10.0.0.1", Assert.Single((await Bindings.ListAsync(tenant, Cancel))!).ContactUri);
        Assert.Equal(StoreOutcome.Done, await Bindings.SaveAsync(tenant, epoch, [], [Binding("100", "sip:new@10.0.0.1").Key], Cancel));
    }

    [Fact]
    public async Task An_owner_seeds_a_store_that_came_back()
    {
        TenantId tenant = TenantId.New();
        await Bindings.SaveAsync(tenant, 1, [Binding("100", "sip:a@10.0.0.1"), Binding("100", "sip:b@10.0.0.1")], [], Cancel);
        Assert.Equal(StoreOutcome.Done, await Bindings.ReplaceAsync(tenant, 2, [Binding("100", "sip:c@10.0.0.1")], Cancel));
        Assert.Equal("sip:c@10.0.0.1", Assert.Single((await Bindings.ListAsync(tenant, Cancel))!).ContactUri);
    }

    [Fact]
    public async Task An_expired_binding_is_not_listed()
    {
        TenantId tenant = TenantId.New();
        await Bindings.SaveAsync(tenant, 1, [Binding("100", "sip:a@10.0.0.1"), Binding("100", "sip:b@10.0.0.1") with { ExpiresAt = Now.AddHours(1) }], [], Cancel);
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("sip:b@10.0.0.1", Assert.Single((await Bindings.ListAsync(tenant, Cancel))!).ContactUri);
    }

    [Fact]
    public async Task Epochs_rise_also_when_the_clock_does_not()
    {
        TenantId tenant = TenantId.New();
        EpochStore epochs = new(store.Connection, _time);
        long first = await epochs.NextAsync(tenant, Cancel);
        Assert.Equal(_time.GetUtcNow().ToUnixTimeMilliseconds(), first);
        Assert.Equal(first + 1, await epochs.NextAsync(tenant, Cancel));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(first + 1000, await epochs.NextAsync(tenant, Cancel));
        Assert.Equal(StoreOutcome.Stale, await Bindings.SaveAsync(tenant, first, [], [], Cancel));
    }

    private DateTime Now => _time.GetUtcNow().UtcDateTime;

    private Binding Binding(string extension, string contact) => new()
    {
        Extension = extension,
        DeviceId = new DeviceId(Guid.Parse("0192f0a0-0000-7000-8000-000000000001")),
        AuthUser = extension,
        ContactUri = contact,
        CallId = "call-1",
        CSeq = 1,
        ExpiresAt = Now.AddMinutes(1),
        RegisteredAt = Now,
        FlowToken = "token",
        Transport = "tls",
        RemoteAddress = "192.0.2.1:40000",
    };
}
