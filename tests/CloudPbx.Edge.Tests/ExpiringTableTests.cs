using CloudPbx.Edge.Dispatch;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Edge.Tests;

public class ExpiringTableTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_value_counts_for_its_life_and_the_last_one_learned_counts()
    {
        ExpiringTable<int, int> table = new(_time);
        table.Learn(1, 10, TimeSpan.FromMinutes(65));
        table.Learn(2, 20, TimeSpan.FromMinutes(10));
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.True(table.TryFind(1, out int value));
        Assert.Equal(10, value);
        Assert.False(table.TryFind(2, out _));
        table.Learn(1, 11, TimeSpan.FromMinutes(1));
        Assert.True(table.TryFind(1, out value));
        Assert.Equal(11, value);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(table.TryFind(1, out _));
    }

    [Fact]
    public void A_full_table_takes_what_is_new_when_what_is_old_has_gone()
    {
        const int More = 200_000;
        ExpiringTable<int, int> table = new(_time);
        for (int i = 0; i < More; i++)
            table.Learn(i, i, TimeSpan.FromMinutes(1));
        Assert.True(table.TryFind(0, out _));
        Assert.False(table.TryFind(More - 1, out _));
        table.Learn(0, 7, TimeSpan.FromMinutes(3));                             // what is there already may be renewed
        _time.Advance(TimeSpan.FromMinutes(2));
        table.Learn(More, 8, TimeSpan.FromMinutes(1));
        Assert.True(table.TryFind(More, out _));
        Assert.True(table.TryFind(0, out int value));
        Assert.Equal(7, value);
    }
}
