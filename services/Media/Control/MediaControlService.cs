using System.Diagnostics;
using CloudPbx.Media.Sessions;
using CloudPbx.MediaControl;
using CloudPbx.MediaControl.Wire;
using Google.Protobuf;
using Grpc.Core;

namespace CloudPbx.Media.Control;

/// <summary>The gRPC end of <c>media_control.proto</c>: reads one controller's commands in order and writes answers and reports.</summary>
internal sealed partial class MediaControlService(
    MediaNode node, CommandHandler handler, IHostApplicationLifetime lifetime, ILogger<MediaControlService> logger)
    : MediaControl.Wire.MediaControl.MediaControlBase
{
    private const int DecodedPiece = 64 * 1024;

    private static readonly WriteOptions s_moreFollows = new(WriteFlags.BufferHint);     // what waits goes out together

    /// <inheritdoc/>
    public override async Task Control(IAsyncStreamReader<Command> requestStream, IServerStreamWriter<Event> responseStream, ServerCallContext context)
    {
        using var stream = new ControllerStream();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping, stream.Replaced);
        if (!await MoveNextAsync(requestStream, ended.Token) || requestStream.Current.Hello is not { Controller.Length: > 0 and <= 128 } hello)
            return;
        stream.Write(new Event { Correlation = requestStream.Current.Correlation, Welcome = new Welcome { Instance = node.Instance } });
        Controller controller = node.Controllers.Attach(hello.Controller, stream);
        LogAttached(controller.Name);
        Task writing = WriteAsync(stream, responseStream, ended.Token);
        try
        {
            while (await MoveNextAsync(requestStream, ended.Token))
                stream.Write(await AnswerAsync(controller, requestStream.Current));
        }
        finally
        {
            await ended.CancelAsync();
            await writing;
            controller.Detach(stream);
            LogDetached(controller.Name);
        }
    }

    /// <inheritdoc/>
    public override async Task Decode(IAsyncStreamReader<Upload> requestStream, IServerStreamWriter<Decoded> responseStream, ServerCallContext context)
    {
        using MemoryStream file = new();
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            if (file.Length + requestStream.Current.Octets.Length <= DecodeLimits.MostOctets + 1)           // read to the end, so that the answer arrives
                file.Write(requestStream.Current.Octets.Span);
        }
        (DecodeFault fault, short[] samples) = await UploadDecoder.DecodeAsync(file.GetBuffer().AsMemory(0, (int)file.Length), context.CancellationToken);
        LogDecoded(file.Length, fault);
        if (fault != DecodeFault.None)
        {
            await responseStream.WriteAsync(new Decoded { Fault = fault.ToString() }, context.CancellationToken);
            return;
        }
        ReadOnlyMemory<byte> octets = UploadDecoder.ToOctets(samples);
        for (int at = 0; at < octets.Length; at += DecodedPiece)
        {
            await responseStream.WriteAsync(
                new Decoded { SampleRate = DecodeLimits.SampleRate, Samples = UnsafeByteOperations.UnsafeWrap(octets.Slice(at, Math.Min(DecodedPiece, octets.Length - at))) }, context.CancellationToken);
        }
    }

    private async ValueTask<Event> AnswerAsync(Controller controller, Command command)
    {
        using Activity? span = CommandTrace.Continue(command);
        try
        {
            Event answer = await handler.HandleAsync(controller, command);
            CommandTrace.End(span, answer);
            return answer;
        }
#pragma warning disable CA1031 // a bug in one command must not end the stream that every call of this controller needs
        catch (Exception fault)
        {
            LogCommandFault(command.ActionCase, fault);
            return new Event { Correlation = command.Correlation, Done = new Done { Fault = CloudPbx.MediaControl.LegFaults.BadCommand } };
        }
#pragma warning restore CA1031
    }

    /// <summary>The end of a stream, however it comes, is no exception here.</summary>
    private static async Task<bool> MoveNextAsync(IAsyncStreamReader<Command> requests, CancellationToken cancel)
    {
        try
        {
            return await requests.MoveNext(cancel);
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException or RpcException or InvalidOperationException)
        {
            return false;
        }
    }

    private static async Task WriteAsync(ControllerStream stream, IServerStreamWriter<Event> responses, CancellationToken cancel)
    {
        try
        {
            // Peeked before it is taken: what could not be written is kept for the controller's next stream.
            while (await stream.Outbox.WaitToReadAsync(cancel))
            {
                while (stream.Outbox.TryPeek(out Event? report))
                {
                    responses.WriteOptions = stream.Outbox.Count > 1 ? s_moreFollows : null;
                    await responses.WriteAsync(report, cancel);
                    stream.Outbox.TryRead(out _);
                }
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException or RpcException or InvalidOperationException)
        {
            // The reading side notices too, and detaches the controller.
        }
    }

    [LoggerMessage(LogLevel.Information, "Controller {Controller} is attached")]
    private partial void LogAttached(string controller);

    [LoggerMessage(LogLevel.Information, "Controller {Controller} is detached")]
    private partial void LogDetached(string controller);

    [LoggerMessage(LogLevel.Information, "Decoded an upload of {Length} octets: {Fault}")]
    private partial void LogDecoded(long length, DecodeFault fault);

    [LoggerMessage(LogLevel.Error, "Media command {Action} failed")]
    private partial void LogCommandFault(Command.ActionOneofCase action, Exception fault);
}
