using CloudPbx.Contracts.Api;
using Microsoft.AspNetCore.Components.Web.Virtualization;

namespace CloudPbx.Portal.Components;

/// <summary>A long list that the API gives page by page, as <c>Virtualize</c> wants it: it grows as somebody scrolls, and only what is seen is in the page.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="read">Reads the page after a cursor.</param>
public sealed class CursorList<T>(Func<string?, CancellationToken, Task<Page<T>>> read) : IDisposable
{
    private readonly List<T> _items = [];
    private readonly SemaphoreSlim _gate = new(1);
    private string? _next;
    private bool _begun;

    /// <summary>What has come so far.</summary>
    public IReadOnlyList<T> Items => _items;

    /// <summary>Whether the first page has come.</summary>
    public bool Begun => _begun;

    /// <summary>Whether there is more to come.</summary>
    public bool HasMore => !_begun || _next is not null;

    /// <summary>Forgets all and reads the first page.</summary>
    /// <param name="cancel">Stops the wait.</param>
    public async Task RestartAsync(CancellationToken cancel)
    {
        Page<T> page = await read(null, cancel);
        _items.Clear();
        _items.AddRange(page.Items);
        (_next, _begun) = (page.Next, true);
    }

    /// <summary>Gives the items of a window, reading as many pages as that takes.</summary>
    /// <param name="request">The window.</param>
    public async ValueTask<ItemsProviderResult<T>> ProvideAsync(ItemsProviderRequest request)
    {
        await _gate.WaitAsync(request.CancellationToken);
        try
        {
            while (HasMore && _items.Count < request.StartIndex + request.Count)
            {
                Page<T> page = await read(_next, request.CancellationToken);
                _items.AddRange(page.Items);
                (_next, _begun) = (page.Next, true);
            }
        }
        finally
        {
            _gate.Release();
        }
        // One item more than there is, while there is more: the list can be scrolled on.
        return new ItemsProviderResult<T>(_items.Skip(request.StartIndex).Take(request.Count), _items.Count + (HasMore ? 1 : 0));
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();
}
