"""nnU-Net's own training, with as many epochs as fit into a time.

nnU-Net finds this file by the environment variable nnUNet_extTrainer, as its documentation tells for trainers of
one's own. All of its methods stay as they are; only the length is chosen: its rate of learning falls to 0 over the
number of epochs, so that a run that was cut off would be at a disadvantage.
"""

from __future__ import annotations

import os
import time

from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer

_TIMED = 4


class BudgetTrainer(nnUNetTrainer):
    """Trains for NNUNET_MINUTES: the pace of a few iterations gives the number of epochs."""

    def on_train_start(self):
        """Measure the pace; these iterations are part of the training."""
        began = time.monotonic()
        super().on_train_start()
        self.network.train()
        self.train_step(next(self.dataloader_train))  # the first one also chooses algorithms
        started = time.monotonic()
        for _ in range(_TIMED):
            self.train_step(next(self.dataloader_train))
        pace = (time.monotonic() - started) / _TIMED
        left = 60 * float(os.environ["NNUNET_MINUTES"]) - (time.monotonic() - began)
        # Short epochs, because an epoch of 250 iterations may be longer than the whole budget.
        self.num_iterations_per_epoch, self.num_val_iterations_per_epoch = 10, 1
        self.num_epochs = max(1, int(left / (pace * (self.num_iterations_per_epoch + 0.4))))
        self.lr_scheduler.max_steps = self.num_epochs
        self.print_to_log_file(f"{pace:.2f} s an iteration: {self.num_epochs} epochs of 10 iterations")

    def perform_actual_validation(self, save_probabilities=False):
        """The cases are predicted afterwards, outside the time for training."""
