using System.Diagnostics;
using CloudPbx.Contracts.Ids;
using CloudPbx.Media.Sessions;
using CloudPbx.MediaControl;
using CloudPbx.TestKit.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CloudPbx.Media.Tests;

public sealed class TelemetryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_instrument_is_documented()
    {
        using var readings = new MeterReadings(MediaMeter.MeterName);
        await using TestNode node = await TestNode.StartAsync();
        DocumentedMetrics.AssertComplete(MediaMeter.MeterName, readings.Instruments);
    }

    [Fact]
    public async Task A_command_of_a_traced_call_has_a_span_at_both_ends_of_the_stream()
    {
        using ActivitySource calls = new("CloudPbx.Media.Tests.Calls");
        using CollectedSpans spans = new(calls.Name, CommandTrace.ControllerSource, CommandTrace.NodeSource);
        await using TestNode node = await TestNode.StartAsync();
        string trace;
        using (Activity call = calls.StartActivity("call")!)
        {
            trace = call.Id!;
            var leg = new LegId(CallId.New(), 0);
            Assert.True((await node.Client.OfferAsync(leg, new LegPolicy(), null, Cancel)).Accepted);
            await node.Client.RemoveAsync(leg, Cancel);
        }
        IReadOnlyCollection<Activity> ended = spans.Of(trace);
        foreach (string command in (string[])["media offer", "media remove"])
        {
            Activity controller = Assert.Single(ended, span => span.OperationName == command && span.Source.Name == CommandTrace.ControllerSource);
            Activity atNode = Assert.Single(ended, span => span.OperationName == command && span.Source.Name == CommandTrace.NodeSource);
            Assert.Equal(ActivityContext.Parse(trace, null).SpanId, controller.ParentSpanId);
            Assert.Equal(controller.SpanId, atNode.ParentSpanId);
        }
    }

    [Fact]
    public async Task The_node_is_ready_while_a_port_is_free()
    {
        // Another program may hold the only pair of a range: then the next range is tried.
        for (int port = 20900; port < 21000; port += 2)
        {
            await using TestNode node = await TestNode.StartAsync(settings: [("FirstPort", $"{port}"), ("LastPort", $"{port + 1}")]);
            HealthCheckService health = node.Services.GetRequiredService<HealthCheckService>();
            Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(Cancel)).Status);
            LegDescription leg = await node.Client.OfferAsync(new LegId(CallId.New(), 0), new LegPolicy(), null, Cancel);
            if (!leg.Accepted)
                continue;
            HealthReport full = await health.CheckHealthAsync(Cancel);
            Assert.Equal((HealthStatus.Unhealthy, "Every RTP port is taken."), (full.Status, full.Entries["media"].Description));
            return;
        }
        Assert.Fail("No pair of ports was free.");
    }
}
