using System.Diagnostics;
using CloudPbx.Media.Sessions;
using CloudPbx.MediaControl;
using CloudPbx.MediaControl.Wire;
using CloudPbx.Net.Sockets;
using Google.Protobuf;

namespace CloudPbx.Media.Control;

/// <summary>
/// The node's end of one control connection: takes one controller's commands in order, on the thread that reads them, and answers; or takes an upload and gives its samples.
/// What a command has to wait for, the end of a leg or of a recording, is answered when it has come, while other commands go on.
/// </summary>
internal sealed partial class ControlConversation(MediaNode node, CommandHandler handler, ILogger<ControlConversation> logger)
{
    private const int LongestName = 128;
    private const int DecodedPiece = 64 * 1024;

    /// <summary>After so long without a word a controller's machine has vanished: the connection ends, and its sessions wait for it.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    /// <summary>Serves a connection until its end.</summary>
    /// <param name="link">The connection; owned.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Whether it began as a connection has to.</returns>
    public async Task<bool> ServeAsync(ControlLink link, CancellationToken cancel)
    {
        await using ControlLink owned = link;
        await using CancellationTokenRegistration stop = cancel.UnsafeRegister(static link => ((ControlLink)link!).Close(), link);
        using var connection = new Connection(this, link);
        if (await link.ReceiveAsync(Command.Parser, connection.Take))
            await connection.FinishAsync();
        await connection.EndAsync();
        return !connection.IsStranger;
    }

    private async Task DecodeAsync(ControlLink link, MemoryStream file, ulong correlation, CancellationToken cancel)
    {
        try
        {
            (DecodeFault fault, short[] samples) = await UploadDecoder.DecodeAsync(file.GetBuffer().AsMemory(0, (int)file.Length), cancel);
            LogDecoded(file.Length, fault);
            if (fault != DecodeFault.None)
            {
                await link.SendAsync(new Event { Correlation = correlation, Decoded = new Decoded { Fault = fault.ToString(), Last = true } }, cancel);
                return;
            }
            ReadOnlyMemory<byte> octets = UploadDecoder.ToOctets(samples);
            for (int at = 0; at < octets.Length; at += DecodedPiece)
            {
                int length = Math.Min(DecodedPiece, octets.Length - at);
                var piece = new Decoded { SampleRate = DecodeLimits.SampleRate, Samples = UnsafeByteOperations.UnsafeWrap(octets.Slice(at, length)), Last = at + length == octets.Length };
                await link.SendAsync(new Event { Correlation = correlation, Decoded = piece }, cancel);
            }
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException)
        {
            // Who uploaded it has gone.
        }
    }

    [LoggerMessage(LogLevel.Information, "Controller {Controller} is attached")]
    private partial void LogAttached(string controller);

    [LoggerMessage(LogLevel.Information, "Controller {Controller} is detached")]
    private partial void LogDetached(string controller);

    [LoggerMessage(LogLevel.Information, "Decoded an upload of {Length} octets: {Fault}")]
    private partial void LogDecoded(long length, DecodeFault fault);

    [LoggerMessage(LogLevel.Warning, "A control connection began with {Action} instead of Hello; it is ended")]
    private partial void LogStranger(Command.ActionOneofCase action);

    [LoggerMessage(LogLevel.Error, "Media command {Action} failed")]
    private partial void LogCommandFault(Command.ActionOneofCase action, Exception fault);

    /// <summary>What is known of one connection. Belongs to its reading thread.</summary>
    private sealed class Connection(ControlConversation owner, ControlLink link) : IDisposable
    {
        private readonly CancellationTokenSource _ended = new();
        private Controller? _controller;
        private MemoryStream? _upload;
        private Task _decoding = Task.CompletedTask;
        private TaskCompletionSource? _answered;
        private int _unanswered = 1;                                      // commands that are answered later, and that more may come

        public bool IsStranger { get; private set; }

        public void Take(Command command)
        {
            if (_controller is { } controller)
                Answer(controller, command);
            else if (command.Hello is { Controller.Length: > 0 and <= LongestName } hello)
                Attach(hello.Controller, command.Correlation);
            else if (command.Upload is { } upload)
                Gather(upload, command.Correlation);
            else
            {
                owner.LogStranger(command.ActionCase);
                IsStranger = true;
                link.Close();
            }
        }

        /// <summary>No more commands come, but who gave them listens: what they asked for is told first.</summary>
        public async Task FinishAsync()
        {
            _answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (Interlocked.Decrement(ref _unanswered) > 0)
                await Task.WhenAny(_answered.Task, Task.Delay(Silence, CancellationToken.None));
            await _decoding;
            await link.FlushAsync();
        }

        public async Task EndAsync()
        {
            if (_controller is { } controller)
            {
                controller.Detach(link);
                owner.LogDetached(controller.Name);
            }
            await _ended.CancelAsync();
            await _decoding;
        }

        public void Dispose()
        {
            _ended.Dispose();
            _upload?.Dispose();
        }

        private void Attach(string name, ulong correlation)
        {
            link.TrySend(new Event { Correlation = correlation, Welcome = new Welcome { Instance = owner.Node.Instance } });
            _controller = owner.Node.Controllers.Attach(name, link);
            owner.LogAttached(name);
        }

        private void Gather(Upload upload, ulong correlation)
        {
            if (!_decoding.IsCompleted)
                return;                                                   // more than the one file
            _upload ??= new MemoryStream();
            if (_upload.Length + upload.Octets.Length <= DecodeLimits.MostOctets + 1)   // read to the end, so that the answer arrives
                _upload.Write(upload.Octets.Span);
            if (!upload.Last)
                return;
            MemoryStream file = _upload;
            _upload = null;
            _decoding = Task.Run(() => owner.DecodeAsync(link, file, correlation, _ended.Token));
        }

        private void Answer(Controller controller, Command command)
        {
            Activity? span = CommandTrace.Continue(command);
            ValueTask<Event> answering;
#pragma warning disable CA1031 // a bug in one command must not end the connection that every call of this controller needs
            try
            {
                answering = owner.Handler.HandleAsync(controller, command);
            }
            catch (Exception fault)
            {
                Send(command, span, Failed(command, fault));
                return;
            }
            if (answering.IsCompletedSuccessfully)
                Send(command, span, answering.Result);
            else
            {
                Interlocked.Increment(ref _unanswered);
                _ = AnswerLaterAsync(command, span, answering);
            }

            async Task AnswerLaterAsync(Command command, Activity? span, ValueTask<Event> answering)
            {
                Event answer;
                try
                {
                    answer = await answering;
                }
                catch (Exception fault)
                {
                    answer = Failed(command, fault);
                }
                using (WriteBatch.Begin())                                // this thread writes it, not yet another one
                    Send(command, span, answer);
                if (Interlocked.Decrement(ref _unanswered) == 0)
                    _answered?.TrySetResult();
            }
#pragma warning restore CA1031
        }

        private Event Failed(Command command, Exception fault)
        {
            owner.LogCommandFault(command.ActionCase, fault);
            return new Event { Correlation = command.Correlation, Done = new Done { Fault = LegFaults.BadCommand } };
        }

        // An answer that cannot be sent is forgotten: the command comes again by the controller's next connection.
        private void Send(Command command, Activity? span, Event answer)
        {
            CommandTrace.End(span, answer);
            span?.Dispose();
            answer.Correlation = command.Correlation;
            link.TrySend(answer);
        }
    }

    private MediaNode Node => node;

    private CommandHandler Handler => handler;
}
