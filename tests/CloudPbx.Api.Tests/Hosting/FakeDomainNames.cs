using System.Collections.Concurrent;
using CloudPbx.Api.Domains;

namespace CloudPbx.Api.Tests.Hosting;

/// <summary>What DNS says: what a test put here, or what a real name server says to who asks through another.</summary>
internal sealed class FakeDomainNames : IDomainNames
{
    /// <summary>Domains → who is asked about them and what lies below.</summary>
    public ConcurrentDictionary<string, IDomainNames> Elsewhere { get; } = new();

    /// <summary>Records by type and name. A name that is not here has none; null: nobody answers.</summary>
    public ConcurrentDictionary<(string Type, string Name), IReadOnlyList<string>?> Records { get; } = new();

    public Task<IReadOnlyList<string>?> FindAsync(string type, string name, CancellationToken cancel)
    {
        foreach ((string domain, IDomainNames other) in Elsewhere)
            if (name == domain || name.EndsWith("." + domain, StringComparison.Ordinal))
                return other.FindAsync(type, name, cancel);
        return Task.FromResult(Records.TryGetValue((type, name), out IReadOnlyList<string>? found) ? found : []);
    }
}
