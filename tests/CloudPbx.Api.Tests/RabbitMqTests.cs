using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Hosting.Web.Bus;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CloudPbx.Api.Tests;

/// <summary>The bus of a cluster, on the broker that <c>PBX_TEST_RABBITMQ</c> names.</summary>
public sealed class RabbitMqTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_fact_reaches_its_consumer_and_is_tried_again_when_that_fails()
    {
        string? broker = Environment.GetEnvironmentVariable("PBX_TEST_RABBITMQ");
        Assert.SkipWhen(string.IsNullOrEmpty(broker), "PBX_TEST_RABBITMQ is not set: no RabbitMQ to test on.");
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["Bus:RabbitMq"] = broker;
        Received received = new();
        builder.Services.AddSingleton(received);
        builder.AddEventBus(consumers => consumers.Add<FailingOnceConsumer, CallEnded>());
        using IHost host = builder.Build();
        await host.StartAsync(Cancel);
        CallEnded ended = Ended();
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        while (!await host.Services.GetRequiredService<IFactPublisher>().TryPublishAsync(ended, deadline.Token))
            deadline.Token.ThrowIfCancellationRequested();
        CallEnded read = await received.Second.Task.WaitAsync(deadline.Token);
        Assert.Equal((ended.TenantId, ended.CallId, ended.StartedAt, ended.Disposition), (read.TenantId, read.CallId, read.StartedAt, read.Disposition));
        await host.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_fact_that_no_queue_takes_yet_is_not_safe()
    {
        string? broker = Environment.GetEnvironmentVariable("PBX_TEST_RABBITMQ");
        Assert.SkipWhen(string.IsNullOrEmpty(broker), "PBX_TEST_RABBITMQ is not set: no RabbitMQ to test on.");
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["Bus:RabbitMq"] = broker;
        builder.AddEventBus();
        using IHost host = builder.Build();
        await host.StartAsync(Cancel);
        for (int i = 0; i < 3; i++)                              // the first try may find the connection not made yet
            Assert.False(await host.Services.GetRequiredService<IFactPublisher>().TryPublishAsync(new Unheard("nobody"), Cancel));
        await host.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_broker_that_is_away_is_a_result_within_two_seconds()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["Bus:RabbitMq"] = "amqp://x:x@127.0.0.1:1/";
        builder.AddEventBus();
        using IHost host = builder.Build();
        await host.StartAsync(Cancel);
        Assert.False(await host.Services.GetRequiredService<IFactPublisher>().TryPublishAsync(Ended(), Cancel).WaitAsync(TimeSpan.FromSeconds(20), Cancel));
        await host.StopAsync(new CancellationToken(canceled: true));
    }

    private static CallEnded Ended() => new()
    {
        TenantId = TenantId.New(),
        CallId = CallId.New(),
        CallerNumber = "100",
        CalledNumber = "101",
        Disposition = CallDisposition.Busy,
        StartedAt = new DateTime(2026, 11, 23, 8, 0, 0, DateTimeKind.Utc),
        EndedAt = new DateTime(2026, 11, 23, 8, 0, 1, DateTimeKind.Utc),
    };

    /// <summary>A fact that nobody consumes.</summary>
    public sealed record Unheard(string Text);

    public sealed class Received
    {
        private int _tries;

        public TaskCompletionSource<CallEnded> Second { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Count() => Interlocked.Increment(ref _tries);
    }

    public sealed class FailingOnceConsumer(Received received) : IFactConsumer<CallEnded>
    {
        public Task ConsumeAsync(CallEnded fact, CancellationToken cancel)
        {
            if (received.Count() == 1)
                throw new InvalidOperationException("The first try fails.");
            received.Second.TrySetResult(fact);
            return Task.CompletedTask;
        }
    }
}
