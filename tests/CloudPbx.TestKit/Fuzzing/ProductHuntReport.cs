using System.Globalization;
using System.Text;

namespace CloudPbx.TestKit.Fuzzing;

/// <summary>What happened while a product was sent hostile messages.</summary>
/// <remarks>Written by the hunt's tasks, one lock for all.</remarks>
public sealed class ProductHuntReport
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, long> _sent = [], _workerAnswers = [], _otherAnswers = [], _requests = [];
    private readonly List<double> _probes = [];
    private readonly List<(long Sent, long ProductKiB, long MediaKiB)> _memory = [];

    /// <summary>Messages sent.</summary>
    public long Sent { get; private set; }

    /// <summary>Hostile messages that the edge forwarded to a worker, by its own count.</summary>
    public long Forwarded { get; internal set; }

    /// <summary>Answers that only a worker gives, by their To tag or their status.</summary>
    public long WorkerAnswers { get; private set; }

    /// <summary>Messages of ours that were not hostile: probes and requests for a challenge.</summary>
    public long Harmless { get; private set; }

    /// <summary>Probes that got no 200 in time, each as a sentence.</summary>
    public List<string> LostProbes { get; } = [];

    /// <summary>Lines of the product's log that tell of a fault of ours.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Connections that ended although all that was sent on them was well framed, each as a sentence.</summary>
    public List<string> Disagreements { get; } = [];

    /// <summary>Connections that the product closed, or that were given up behind a message without an end.</summary>
    public long BrokenConnections { get; internal set; }

    /// <summary>Answers to probes, in milliseconds, sorted.</summary>
    public IReadOnlyList<double> Probes
    {
        get { lock (_gate) return [.. _probes.Order()]; }
    }

    /// <summary>Resident memory of the product and its media child, with the count of messages at that time.</summary>
    public IReadOnlyList<(long Sent, long ProductKiB, long MediaKiB)> Memory
    {
        get { lock (_gate) return [.. _memory]; }
    }

    internal void CountSent(string transport)
    {
        lock (_gate)
        {
            Sent++;
            Add(_sent, transport);
        }
    }

    internal void CountHarmless()
    {
        lock (_gate) Harmless++;
    }

    internal void CountAnswer(int status, bool byWorker)
    {
        lock (_gate)
        {
            WorkerAnswers += byWorker ? 1 : 0;
            Add(byWorker ? _workerAnswers : _otherAnswers, status.ToString(CultureInfo.InvariantCulture));
        }
    }

    internal void CountRequest(string method)
    {
        lock (_gate) Add(_requests, method);
    }

    internal void CountProbe(TimeSpan time)
    {
        lock (_gate) _probes.Add(time.TotalMilliseconds);
    }

    internal void LoseProbe(string what)
    {
        lock (_gate) LostProbes.Add(what);
    }

    internal void Disagree(string what)
    {
        lock (_gate) Disagreements.Add(what);
    }

    internal void CountBrokenConnection()
    {
        lock (_gate) BrokenConnections++;
    }

    internal void Weigh(long productKiB, long mediaKiB)
    {
        lock (_gate) _memory.Add((Sent, productKiB, mediaKiB));
    }

    /// <summary>All of it, as a page of text.</summary>
    public override string ToString()
    {
        IReadOnlyList<double> probes = Probes;
        StringBuilder page = new();
        lock (_gate)
        {
            Line("sent", string.Create(CultureInfo.InvariantCulture, $"{Sent} ({List(_sent)})"));
            Line("forwarded to the worker", string.Create(CultureInfo.InvariantCulture, $"{Forwarded} ({100.0 * Forwarded / Math.Max(1, Sent):F0} %)"));
            Line("answers of a worker", string.Create(CultureInfo.InvariantCulture, $"{WorkerAnswers} ({List(_workerAnswers)})"));
            Line("answers of edge or worker", List(_otherAnswers));
            Line("requests from it", List(_requests));
            Line("connections broken", BrokenConnections.ToString(CultureInfo.InvariantCulture));
            if (probes.Count > 0)
                Line("OPTIONS answered", string.Create(CultureInfo.InvariantCulture,
                    $"{probes.Count}: median {At(0.5):F1} ms, 99 % {At(0.99):F1} ms, 99.9 % {At(0.999):F1} ms, longest {probes[^1]:F1} ms; {probes.Count(p => p > 100)} over 100 ms; {LostProbes.Count} lost"));
            Line("memory (messages: product + media, MiB)", string.Join(", ", Thin(_memory).Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Sent}: {m.ProductKiB / 1024} + {m.MediaKiB / 1024}"))));
            Line("faults in the log", Faults.Count.ToString(CultureInfo.InvariantCulture));
            Line("framing disagreements", Disagreements.Count.ToString(CultureInfo.InvariantCulture));
            foreach (string line in Faults.Take(40).Concat(Disagreements.Take(10)).Concat(LostProbes.Take(10)))
                page.AppendLine(line);
        }
        return page.ToString();

        void Line(string name, string value) => page.AppendLine(CultureInfo.InvariantCulture, $"{name,-28}{value}");
        double At(double share) => probes[Math.Min(probes.Count - 1, (int)(share * probes.Count))];
    }

    private static IEnumerable<T> Thin<T>(List<T> all) => all.Where((_, i) => i == all.Count - 1 || i % Math.Max(1, all.Count / 12) == 0);

    private static string List(SortedDictionary<string, long> counts) =>
        counts.Count == 0 ? "none" : string.Join(", ", counts.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Key} {c.Value}")));

    private static void Add(SortedDictionary<string, long> counts, string key) => counts[key] = counts.GetValueOrDefault(key) + 1;
}
