using System.Net;
using CloudPbx.Sip.Resolution;

namespace CloudPbx.Sip.Tests.Resolution;

/// <summary>A zone that a test writes.</summary>
internal sealed class FakeDns : IDnsRecords
{
    public TimeSpan TimeToLive { get; set; } = TimeSpan.FromMinutes(5);

    public bool Fails { get; set; }

    /// <summary>Until when a question is not answered; null: at once.</summary>
    public Func<Task>? Silence { get; set; }

    public HashSet<string> Failing { get; } = [];

    public List<string> Asked { get; } = [];

    public Dictionary<string, List<NaptrRecord>> Naptr { get; } = [];

    public Dictionary<string, List<SrvRecord>> Srv { get; } = [];

    public Dictionary<string, List<IPAddress>> Addresses { get; } = [];

    public void Host(string name, params string[] addresses) => Addresses[name] = [.. addresses.Select(IPAddress.Parse)];

    public void Service(string name, params SrvRecord[] records) => Srv[name] = [.. records];

    public Task<DnsAnswer<NaptrRecord>> NaptrAsync(string name, CancellationToken cancel) => Answer(Naptr, "NAPTR", name);

    public Task<DnsAnswer<SrvRecord>> SrvAsync(string name, CancellationToken cancel) => Answer(Srv, "SRV", name);

    public Task<DnsAnswer<IPAddress>> AddressesAsync(string name, CancellationToken cancel) => Answer(Addresses, "A", name);

    private async Task<DnsAnswer<T>> Answer<T>(Dictionary<string, List<T>> zone, string type, string name)
    {
        Asked.Add($"{type} {name}");
        if (Silence is { } silence)
            await silence();
        return Fails || Failing.Contains(name) ? DnsAnswer.Failed<T>() : DnsAnswer.Found(zone.GetValueOrDefault(name, []), TimeToLive);
    }
}
