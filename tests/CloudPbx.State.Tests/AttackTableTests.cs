using CloudPbx.Contracts.Ids;
using CloudPbx.State.Bans;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.State.Tests;

/// <summary>S3: a worker's memory of the accounts under attack.</summary>
public sealed class AttackTableTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 29, 8, 0, 0, TimeSpan.Zero));
    private readonly AttackedAccount _account = new(TenantId.New(), "100");

    private DateTime Now => _time.GetUtcNow().UtcDateTime;

    [Fact]
    public void Strangers_have_one_turn_a_second_together_while_the_attack_goes_on()
    {
        AttackTable table = new(_time);
        Assert.True(table.IsEmpty);
        Assert.True(table.TryTakeTurn(_account));
        Assert.True(table.TryTakeTurn(_account));
        table.Add(_account, Now.AddSeconds(10));
        Assert.True(table.TryTakeTurn(_account));
        table.Add(_account, Now.AddSeconds(10));                  // heard again: that is no new turn
        Assert.False(table.TryTakeTurn(_account));
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(table.TryTakeTurn(_account));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(table.TryTakeTurn(_account));
        Assert.False(table.TryTakeTurn(_account));
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(table.Covers(_account));
        Assert.True(table.TryTakeTurn(_account));
        Assert.True(table.TryTakeTurn(_account));
    }

    [Fact]
    public void When_it_is_full_the_attack_that_ends_first_makes_room()
    {
        AttackTable table = new(_time);
        for (int i = 0; i < AttackTable.Capacity; i++)
            table.Add(_account with { Account = $"{i}" }, Now.AddSeconds(i == 77 ? 9 : 10));
        table.Add(_account with { Account = "78" }, Now.AddSeconds(8));
        table.Add(_account with { Account = "78" }, Now.AddSeconds(11));              // it is longer now
        table.Add(_account with { Account = "one more" }, Now.AddSeconds(11));
        Assert.True(table.Covers(_account with { Account = "one more" }));
        Assert.False(table.Covers(_account with { Account = "77" }));
        Assert.True(table.Covers(_account with { Account = "78" }));
        table.Add(_account with { Account = "sooner than all" }, Now.AddSeconds(5));
        Assert.False(table.Covers(_account with { Account = "sooner than all" }));
    }

    [Fact]
    public void What_is_over_leaves()
    {
        AttackTable table = new(_time);
        table.Add(_account, Now.AddSeconds(10));
        table.Add(_account with { Account = "longer" }, Now.AddSeconds(10));
        table.Add(_account with { Account = "longer" }, Now.AddSeconds(11));
        _time.Advance(TimeSpan.FromSeconds(10));
        table.Take([]);
        Assert.False(table.IsEmpty);
        Assert.True(table.Covers(_account with { Account = "longer" }));
        _time.Advance(TimeSpan.FromSeconds(1));
        table.Take([]);
        Assert.True(table.IsEmpty);
    }

    [Fact]
    public void An_account_is_read_back_from_its_text()
    {
        AttackedAccount spaced = _account with { Account = "1 00 " };
        Assert.True(AttackedAccount.TryParse(spaced.ToString(), out AttackedAccount read));
        Assert.Equal(spaced, read);
        Assert.False(AttackedAccount.TryParse("no tenant", out _));
        Assert.False(AttackedAccount.TryParse(_account.Tenant.ToString(), out _));
    }
}
