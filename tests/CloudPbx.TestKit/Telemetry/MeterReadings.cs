using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace CloudPbx.TestKit.Telemetry;

/// <summary>Listens to one meter and adds up what it measures, by name and labels.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class MeterReadings : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<(string Name, string Labels), double> _sums = new();
    private readonly ConcurrentDictionary<(string Name, string Labels), double> _observed = new();
    private readonly ConcurrentDictionary<(string Name, string Labels), int> _counts = new();
    private readonly ConcurrentDictionary<string, Instrument> _instruments = new();

    /// <summary>Begins to listen.</summary>
    /// <param name="meter">The meter's name.</param>
    /// <param name="scope">The meter factory of the process under test; null for any meter of that name.</param>
    public MeterReadings(string meter, object? scope = null)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name != meter || (scope is not null && !ReferenceEquals(instrument.Meter.Scope, scope)))
                return;
            _instruments[instrument.Name] = instrument;
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>The meter's instruments.</summary>
    public IReadOnlyCollection<Instrument> Instruments => [.. _instruments.Values];

    /// <summary>The sum of a counter or histogram, or what an observable instrument says now.</summary>
    /// <param name="name">The instrument.</param>
    /// <param name="labels">The labels as <c>a=1,b=2</c>, by name in alphabetical order; null adds up all.</param>
    public double Value(string name, string? labels = null)
    {
        _observed.Clear();
        _listener.RecordObservableInstruments();
        return _sums.Concat(_observed).Where(entry => entry.Key.Name == name && (labels is null || entry.Key.Labels == labels)).Sum(entry => entry.Value);
    }

    /// <summary>How often something was measured.</summary>
    /// <param name="name">The instrument.</param>
    /// <param name="labels">As with <see cref="Value"/>.</param>
    public int Count(string name, string? labels = null) =>
        _counts.Where(entry => entry.Key.Name == name && (labels is null || entry.Key.Labels == labels)).Sum(entry => entry.Value);

    /// <summary>The labels with which an instrument measured so far, each as <c>a=1,b=2</c>.</summary>
    public IReadOnlyCollection<string> LabelsOf(string name) => [.. _counts.Keys.Where(key => key.Name == name).Select(key => key.Labels)];

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string labels = string.Join(',', tags.ToArray().OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"));
        (string, string) key = (instrument.Name, labels);
        if (instrument.IsObservable)
            _observed[key] = value;
        else
            _sums.AddOrUpdate(key, value, (_, sum) => sum + value);
        _counts.AddOrUpdate(key, 1, (_, count) => count + 1);
    }
}
