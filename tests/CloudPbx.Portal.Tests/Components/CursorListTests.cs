using CloudPbx.Contracts.Api;
using CloudPbx.Portal.Components;
using Microsoft.AspNetCore.Components.Web.Virtualization;

namespace CloudPbx.Portal.Tests.Components;

public sealed class CursorListTests
{
    private readonly List<string?> _asked = [];

    [Fact]
    public async Task Only_the_pages_that_are_looked_at_are_read()
    {
        using CursorList<int> list = Numbers(10_000);
        await list.RestartAsync(TestContext.Current.CancellationToken);
        ItemsProviderResult<int> first = await list.ProvideAsync(new ItemsProviderRequest(0, 30, TestContext.Current.CancellationToken));
        Assert.Equal(Enumerable.Range(0, 30), first.Items);
        Assert.Equal(101, first.TotalItemCount);            // there is more: it can be scrolled on
        Assert.Equal([null], _asked);
        ItemsProviderResult<int> next = await list.ProvideAsync(new ItemsProviderRequest(90, 30, TestContext.Current.CancellationToken));
        Assert.Equal(Enumerable.Range(90, 30), next.Items);
        Assert.Equal([null, "100"], _asked);
    }

    [Fact]
    public async Task The_end_is_the_end()
    {
        using CursorList<int> list = Numbers(150);
        ItemsProviderResult<int> result = await list.ProvideAsync(new ItemsProviderRequest(0, 500, TestContext.Current.CancellationToken));
        Assert.Equal(150, result.TotalItemCount);
        Assert.False(list.HasMore);
    }

    private CursorList<int> Numbers(int count) => new((after, _) =>
    {
        _asked.Add(after);
        int from = after is null ? 0 : int.Parse(after, System.Globalization.CultureInfo.InvariantCulture);
        int[] items = [.. Enumerable.Range(from, Math.Min(100, count - from))];
        return Task.FromResult(new Page<int>(items, from + items.Length < count ? $"{from + items.Length}" : null));
    });
}
