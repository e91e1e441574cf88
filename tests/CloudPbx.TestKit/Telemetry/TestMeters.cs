using System.Diagnostics.Metrics;

namespace CloudPbx.TestKit.Telemetry;

/// <summary>The meters of one test, so that others which run at the same time are not heard.</summary>
public sealed class TestMeters : IMeterFactory
{
    private readonly List<Meter> _meters = [];

    /// <inheritdoc/>
    public Meter Create(MeterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Scope = this;
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    /// <inheritdoc/>
    public void Dispose() => _meters.ForEach(meter => meter.Dispose());
}
