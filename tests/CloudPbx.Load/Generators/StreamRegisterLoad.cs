using CloudPbx.Load.Product;
using CloudPbx.Load.Sip;

namespace CloudPbx.Load.Generators;

/// <summary>REGISTER over standing TCP or TLS connections: one blocking thread each, which registers its users in turn and is idle until the next is due.</summary>
internal sealed class StreamRegisterLoad : IDisposable
{
    private readonly StreamPhone[] _connections;

    private StreamRegisterLoad(StreamPhone[] connections) => _connections = connections;

    /// <summary>Opens the connections.</summary>
    /// <param name="port">The registrar's port on loopback.</param>
    /// <param name="tlsName">The name that its certificate is asked for by; null for TCP. The certificate is not judged.</param>
    /// <param name="connections">How many.</param>
    public static async Task<StreamRegisterLoad> ConnectAsync(int port, string? tlsName, int connections = 50)
    {
        StreamPhone[] made = new StreamPhone[connections];
        for (int i = 0; i < connections; i++)
        {
            LoadUser[] users = [.. Enumerable.Range(0, Phonebook.Users).Where(user => user % connections == i).Select(user => new LoadUser(user))];
            made[i] = await StreamPhone.OpenAsync(port, tlsName, users, (uint)i << 24);
        }
        return new StreamRegisterLoad(made);
    }

    public async Task<LoadOutcome> RunAsync(double perSecond, TimeSpan time)
    {
        long start = Pacer.Now, end = start + (long)time.TotalNanoseconds;
        Latencies latencies = new();
        Task<(long Started, long Completed, long LeftOut, int Fault)>[] runs = [.. _connections.Select((connection, index) => Task.Factory.StartNew(
            () => connection.Run(new Pacer(perSecond / _connections.Length, start + (long)(index * 1e9 / perSecond)), end, latencies),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        (long Started, long Completed, long LeftOut, int Fault)[] results = await Task.WhenAll(runs);
        return new LoadOutcome(
            results.Sum(r => r.Started), results.Sum(r => r.Completed), results.Sum(r => r.LeftOut), results.Sum(r => r.Completed),
            latencies.Percentile(50), latencies.Percentile(99), results.Select(r => r.Fault).FirstOrDefault(fault => fault != 0));
    }

    public void Dispose()
    {
        foreach (StreamPhone connection in _connections)
            connection.Dispose();
    }
}
